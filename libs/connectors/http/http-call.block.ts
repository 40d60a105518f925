import { createHash } from 'node:crypto';
import { sameJson, type Effect, type FieldChange, type Json, type JsonObject } from '#libs/kernel';
import { defineBlock, type BlockContext, type Verification } from '../block.js';
import { effectOf } from '../field-changes.js';
import { allowedUrl, parseHttpConfig } from './http-config.js';
import { HttpUnexpectedStatus } from './http-errors.js';
import { answerEvidence, bodyText, exchange, type HttpAnswer, type HttpCall } from './http-exchange.js';
import { atPointer } from './json-pointer.js';

type ReadBack = {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  readonly expectStatus?: readonly number[];
  readonly jsonPointer?: string;
  readonly equals?: Json;
};
type Call = {
  readonly url: string;
  readonly method: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
  readonly expectStatus?: readonly number[];
};
type CallInput = Call & { readonly readBack?: ReadBack; readonly undo?: Call };

const CALL = 'call';
const UNDO = 'undo call';
const IRREVERSIBLE = 'A call cannot be taken back, and the process names no call that would undo it.';

const url = { type: 'string', pattern: '^https?://', maxLength: 2048 } as const;
const headers = {
  type: 'object',
  propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  additionalProperties: { type: 'string', pattern: '^[^\\r\\n]*$' },
} as const;
const expectStatus = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 200, maximum: 599 } } as const;
const call = {
  url,
  method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
  headers,
  body: true,
  expectStatus,
} as const;

/** Calls a customer's HTTP system. */
export const httpCall = defineBlock<CallInput>({
  name: 'http.call',
  title: { en: 'Call an HTTP system', de: 'HTTP-System aufrufen' },
  kind: 'http',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['url', 'method'],
    properties: {
      ...call,
      readBack: {
        type: 'object',
        additionalProperties: false,
        required: ['url'],
        dependentRequired: { equals: ['jsonPointer'] },
        properties: { url, headers, expectStatus, jsonPointer: { type: 'string', pattern: '^(/.*)?$' }, equals: true },
      },
      undo: { type: 'object', additionalProperties: false, required: ['url', 'method'], properties: call },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['by'],
    properties: {
      by: { type: 'string' },
      status: { type: 'integer' },
      sha256: { type: 'string' },
      excerpt: { type: 'string', maxLength: 200 },
      calledAt: { type: 'string', format: 'date-time' },
      readBack: { type: 'object' },
    },
  },
  credentials: ['what the called system asks for, as secret:// references in headers'],
  repeatIsHarmless:
    'Every repeat carries the same Idempotency-Key, so a system that heeds it acts once; GET, PUT and DELETE repeat harmlessly by HTTP itself. A POST to a system that ignores the key may act twice.',
  plan: (context, input) => {
    const config = parseHttpConfig(context.system);
    for (const one of [input, input.readBack, input.undo]) if (one) allowedUrl(config, one.url);
    return Promise.resolve(effectOf(null, [changeOf(CALL, input)], { irreversible: input.undo ? null : IRREVERSIBLE }));
  },
  apply: perform,
  verify: prove,
  undo: (_context, { undo }, recorded) =>
    Promise.resolve(
      undo
        ? effectOf(recorded.identity, [changeOf(UNDO, undo)])
        : effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE }),
    ),
});

/** What is called binds the approval through a hash of the body: the body itself is in the step's input. */
function changeOf(field: string, { url: target, method, body }: Call): FieldChange {
  const sha256 = body === undefined ? null : createHash('sha256').update(bodyText(body)).digest('hex');
  return { target, field, before: null, after: { method, bodySha256: sha256 }, opaque: true };
}

async function perform(context: BlockContext, input: CallInput, effect: Effect): Promise<JsonObject | void> {
  const [change] = effect.changes;
  if (!change) return;
  const undoing = change.field === UNDO;
  const chosen: HttpCall | undefined = undoing ? input.undo : input;
  if (!chosen) return;
  // Undoing is another act than doing: under one key a system would take it for a repeat.
  const key = undoing ? `${context.idempotencyKey}/undo` : context.idempotencyKey;
  const answer = await exchange(context, chosen, key);
  return { ...answerEvidence(answer), calledAt: context.now().toISOString() };
}

/** The answer proves that the system took the call; where the process says how to read back, that proves what it did. */
async function prove(
  context: BlockContext,
  input: CallInput,
  effect: Effect,
  receipt: JsonObject | null,
): Promise<Verification> {
  const answered = receipt?.['status'] !== undefined;
  const undoing = effect.changes.some((change) => change.field === UNDO);
  const found = input.readBack && !undoing ? await readBack(context, input.readBack) : null;
  const proven = answered && (found === null || found['matches'] === true);
  const observed = effect.changes.map(({ target, field, after }) => ({
    target,
    field,
    value: answered ? after : null,
  }));
  const by = found ? 'read-back by another call' : 'the system’s answer';
  return { proven, observed, evidence: { by, ...receipt, ...(found ? { readBack: found } : {}) } };
}

async function readBack(context: BlockContext, wanted: ReadBack): Promise<JsonObject> {
  try {
    const answer = await exchange(context, { ...wanted, method: 'GET' }, null);
    const value = wanted.jsonPointer === undefined ? undefined : valueAt(answer, wanted.jsonPointer);
    const matches =
      wanted.jsonPointer === undefined ||
      (value !== undefined && (wanted.equals === undefined || sameJson(value, wanted.equals)));
    return { ...answerEvidence(answer), url: wanted.url, value: shown(value), matches };
  } catch (error) {
    // Another status is an observation: the system does not show what was called for.
    if (!(error instanceof HttpUnexpectedStatus)) throw error;
    return { ...error.context, url: wanted.url, matches: false };
  }
}

function valueAt({ text }: HttpAnswer, pointer: string): Json | undefined {
  try {
    return atPointer(JSON.parse(text) as Json, pointer);
  } catch {
    return undefined;
  }
}

/** Large values are recognised by the answer's hash; the evidence stays small. */
function shown(value: Json | undefined): Json {
  if (value === undefined) return null;
  return JSON.stringify(value).length <= 200 ? value : '(longer than 200 characters)';
}
