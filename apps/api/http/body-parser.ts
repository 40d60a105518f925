import { BodyTooDeep, BodyTooLarge, InvalidUtf8, MalformedJson, PrototypeKey } from './http.errors.js';

const DEEPEST = 32;
/** Fields and list entries of a whole body: what a caller sends is walked through more than once. */
const MOST_VALUES = 20_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a JSON body. Unlike Fastify's own parser it refuses bytes that are no UTF-8 instead of replacing them. No body
 * gives undefined. Throws `InvalidUtf8`, `MalformedJson`, `PrototypeKey` or `BodyTooDeep`.
 */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const body = parseJson(decodeUtf8(bytes));
  refuseDangerousShape(body);
  return body;
}

const MOST_FORM_BYTES = 16_384;

/** A form's fields by name, the last where one is named twice. Throws `InvalidUtf8` or `BodyTooLarge`. */
export function parseForm(bytes: Buffer): ReadonlyMap<string, string> {
  if (bytes.length > MOST_FORM_BYTES) throw new BodyTooLarge('Send less.');
  return new Map(new URLSearchParams(decodeUtf8(bytes)));
}

/** Whether a field's name would reach an object's prototype. */
export function isPrototypeKey(name: string): boolean {
  return FORBIDDEN.has(name);
}

/** A body as text. Throws `InvalidUtf8`. */
export function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidUtf8('Send the body in UTF-8.', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedJson('Send the body as JSON (RFC 8259).', { cause });
  }
}

/** Walks without recursion: the nesting is the sender's choice. */
function refuseDangerousShape(body: unknown): void {
  let values = 0;
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (value === null || typeof value !== 'object') continue;
    if (depth >= DEEPEST) throw new BodyTooDeep(`Nest at most ${DEEPEST} levels.`);
    const names = Object.keys(value);
    values += names.length;
    if (values > MOST_VALUES)
      throw new BodyTooLarge(`Send at most ${MOST_VALUES} fields and list entries in one body.`);
    for (const name of names) {
      if (!Array.isArray(value) && isPrototypeKey(name))
        throw new PrototypeKey(`The field name ${name} is not allowed.`);
      open.push({ value: (value as Record<string, unknown>)[name], depth: depth + 1 });
    }
  }
}
