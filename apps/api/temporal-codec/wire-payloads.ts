import type { Payload } from '@temporalio/common';
import { RequestInvalid } from '../http/http.errors.js';

/** A payload as Temporal's remote codec protocol sends it: bytes in base64. */
export interface WirePayload {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data?: string;
}

const MOST = 1_000;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Parses a body of the protocol. Throws `RequestInvalid`, which quotes nothing of it. */
export function parseWirePayloads(body: unknown): readonly WirePayload[] {
  const payloads = isObject(body) ? body['payloads'] : undefined;
  if (!Array.isArray(payloads)) throw invalid('payloads', 'not_a_list', 'payloads must be a list.');
  if (payloads.length > MOST) throw invalid('payloads', 'too_many', `payloads may be ${MOST} at most.`);
  return payloads.map((payload: unknown, index) => {
    if (isWirePayload(payload)) return payload;
    throw invalid(`payloads.${index}`, 'not_a_payload', `payloads.${index} must have metadata and data in base64.`);
  });
}

export function fromWire({ metadata = {}, data = '' }: WirePayload): Payload {
  const bytes = Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const);
  return { metadata: Object.fromEntries(bytes), data: Buffer.from(data, 'base64') };
}

export function toWire({ metadata, data }: Payload): WirePayload {
  const texts = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)] as const);
  return { metadata: Object.fromEntries(texts), ...(data ? { data: base64(data) } : {}) };
}

function isWirePayload(payload: unknown): payload is WirePayload {
  if (!isObject(payload)) return false;
  const { metadata = {}, data = '' } = payload;
  return isObject(metadata) && [...Object.values(metadata), data].every(isBase64);
}

function isBase64(text: unknown): boolean {
  return typeof text === 'string' && BASE64.test(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function invalid(path: string, code: string, message: string): RequestInvalid {
  return new RequestInvalid(message, { errors: [{ path, code, message }] });
}
