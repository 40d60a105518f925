import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AnswerTooLarge, AnswerUnreadable } from './outgoing-errors.js';

/** What we say we can unpack. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br';

/**
 * Reads an answer's body, unpacked. Throws `AnswerTooLarge` as soon as more than `limit` bytes have come, before or after
 * unpacking, so that a small answer cannot fill the memory; and `AnswerUnreadable`.
 */
export async function readBody(body: Readable, coding: string | undefined, limit: number): Promise<Buffer> {
  const unpacked = unpack(body, coding, limit);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    throw isOfZlib(error) ? new AnswerUnreadable('The answer is packed, but damaged.', { cause: error }) : error;
  } finally {
    // the rest is not wanted, and a stream that is destroyed while it is read may say so
    body.on('error', () => undefined).destroy();
  }
  return Buffer.concat(chunks);
}

function unpack(body: Readable, coding: string | undefined, limit: number): Readable {
  const unpacker = unpackerOf((coding ?? '').trim().toLowerCase());
  if (unpacker === null) return body;
  let received = 0;
  body.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > limit) unpacker.destroy(tooLarge(limit));
  });
  // errors reach the reader through the unpacker
  return pipeline(body, unpacker, () => undefined);
}

function unpackerOf(coding: string) {
  switch (coding) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      // several codings in a row unpack to any size from a few bytes
      throw new AnswerUnreadable(`The answer is packed as ${JSON.stringify(coding.slice(0, 50))}, which is not read.`);
  }
}

function isOfZlib(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === 'string' &&
    (/^Z_/.test(code) || code.startsWith('ERR__ERROR_FORMAT') || code.startsWith('ERR_BROTLI'))
  );
}

function tooLarge(limit: number): AnswerTooLarge {
  return new AnswerTooLarge(`The answer is larger than ${limit} bytes. Ask for less.`);
}
