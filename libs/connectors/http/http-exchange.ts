import { createHash } from 'node:crypto';
import { canonicalJson, type Json, type JsonObject } from '#libs/kernel';
import { AnswerTooLarge, guardedFetch } from '#libs/platform/outgoing';
import type { BlockContext } from '../block.js';
import { networkFailure } from '../network-failure.js';
import { allowedUrl, parseHttpConfig } from './http-config.js';
import { HttpAnswerTooLarge, HttpHeaderRefused, HttpTemporarilyRefused, HttpUnexpectedStatus } from './http-errors.js';

const LIMIT = 1024 * 1024;
const EXCERPT = 200;
const SECRET = /secret:\/\/[A-Za-z0-9._/-]+/g;

/** A call as a process describes it. */
export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers?: { readonly [name: string]: string };
  /** A text is sent as it is, everything else as JSON with sorted keys. */
  readonly body?: Json;
  readonly expectStatus?: readonly number[];
}

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/**
 * Makes a call and gives its answer if the status is expected (any 2xx unless told). Redirects are not followed. Throws
 * `SystemUnreachable`, `TlsRefused`, `HttpTemporarilyRefused`, `HttpUnexpectedStatus`, `HttpAnswerTooLarge`,
 * `HttpOriginRefused`, `HttpHeaderRefused`, and what the guard throws for places that may not be called.
 */
export async function exchange(
  context: BlockContext,
  call: HttpCall,
  idempotencyKey: string | null,
): Promise<HttpAnswer> {
  context.signal.throwIfAborted();
  const config = parseHttpConfig(context.system);
  const url = allowedUrl(config, call.url);
  const { headers, secrets } = await resolveHeaders(context, call, idempotencyKey);
  const limits = { wholeMs: config.answerMs, firstByteMs: config.answerMs, responseBytes: LIMIT };
  // headers may hold secrets, and an answer is believed
  const fetch = guardedFetch(context.outgoing, { ...limits, ca: config.ca, encryptedInPublic: true });
  try {
    const { method } = call;
    const body = call.body === undefined ? {} : { body: bodyText(call.body) };
    const response = await fetch(url, { method, headers, signal: context.signal, ...body });
    // an answer may repeat what it was sent
    const answer = { url: call.url, status: response.status, text: withoutSecrets(await response.text(), secrets) };
    refuseStatus(context, call, answer, response.headers.get('retry-after'));
    return answer;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof AnswerTooLarge)
      throw new HttpAnswerTooLarge('The answer is larger than 1 MiB. Ask for less.', { cause: error });
    throw networkFailure(error, url.origin) ?? error;
  }
}

/** What is recorded of an answer: enough to recognise it, not all of it. */
export function answerEvidence({ status, text }: HttpAnswer): JsonObject {
  return { status, sha256: createHash('sha256').update(text).digest('hex'), excerpt: text.slice(0, EXCERPT) };
}

/** The text of a body as it is sent, also after the body's keys changed their order in jsonb, as an approved one's do. */
export function bodyText(body: Json): string {
  return typeof body === 'string' ? body : canonicalJson(body);
}

async function resolveHeaders(context: BlockContext, call: HttpCall, idempotencyKey: string | null) {
  const secrets = new Map<string, string>();
  const headers = new Headers(
    call.body !== undefined && typeof call.body !== 'string' ? { 'content-type': 'application/json' } : {},
  );
  if (idempotencyKey !== null) headers.set('idempotency-key', idempotencyKey);
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    for (const reference of value.match(SECRET) ?? []) secrets.set(reference, await context.secrets.resolve(reference));
    setHeader(
      headers,
      name,
      value.replace(SECRET, (reference) => secrets.get(reference) ?? ''),
    );
  }
  return { headers, secrets: [...secrets.values()] };
}

/** fetch's own error would repeat the value. */
function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new HttpHeaderRefused(`The header ${JSON.stringify(name)} has a name or value that HTTP does not allow.`);
  }
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

function refuseStatus(context: BlockContext, call: HttpCall, answer: HttpAnswer, retryAfter: string | null): void {
  const { status } = answer;
  if (call.expectStatus ? call.expectStatus.includes(status) : status >= 200 && status < 300) return;
  const { origin } = new URL(call.url);
  const options = { context: { where: origin, ...answerEvidence(answer) } };
  if ([408, 425, 429].includes(status) || status >= 500) {
    const retryAfterSeconds = secondsUntil(retryAfter, context.now());
    const wait = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    throw new HttpTemporarilyRefused(`${origin} answered ${status}. It is tried again.`, { ...options, ...wait });
  }
  throw new HttpUnexpectedStatus(`${origin} answered ${status}. Check the call or expect this status.`, options);
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsUntil(retryAfter: string | null, now: Date): number | null {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}
