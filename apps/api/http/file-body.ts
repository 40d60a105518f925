import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallKey } from '#libs/platform/idempotency';
import { BodyTooLarge, UnsupportedMediaType } from './http.errors.js';

/** Where a file is sent as it is. */
const FILE_ADDRESSES: readonly string[] = ['/v1/tickets/:id/attachments'];

/**
 * Takes files at their addresses, and there nothing else. A file is not read before its route asks for it: until then it is
 * known who calls, and that they may.
 */
export function takeFiles(server: FastifyInstance): void {
  server.addContentTypeParser(
    'application/octet-stream',
    (
      { is404, routeOptions }: FastifyRequest,
      payload: Readable,
      done: (error: Error | null, body?: unknown) => void,
    ) => {
      if (is404) return done(null, undefined);
      if (!FILE_ADDRESSES.includes(routeOptions.url ?? ''))
        return done(new UnsupportedMediaType('Send the body as application/json.'));
      done(null, payload);
    },
  );
}

export function isFile(body: unknown): body is Readable {
  return body instanceof Readable;
}

/** The bytes of a file, `most` at most. Throws `BodyTooLarge`, or `UnsupportedMediaType` when it was not sent as a file. */
export async function readFile(body: unknown, most: number): Promise<Buffer> {
  if (!isFile(body)) throw new UnsupportedMediaType('Send the file as it is, as application/octet-stream.');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) throw new BodyTooLarge(`A file has at most ${most} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The call with the file that it brings and what its query asks for: another file is another call. */
export function callWithFile(call: CallKey, bytes: Buffer, asked: string): CallKey {
  const hash = createHash('sha256').update(bytes).digest();
  return { ...call, fingerprint: createHash('sha256').update(call.fingerprint).update(hash).update(asked).digest() };
}
