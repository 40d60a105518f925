import type { FastifyInstance } from 'fastify';
import { AddressTooLong, UnsupportedMediaType } from './http.errors.js';

/** Where a file of requests is sent. */
export const IMPORT_ADDRESS = '/v1/requests/import';

const LONGEST_ADDRESS = 4_096;
const USUAL_BODY_BYTES = 65_536;
/** Routes that take as much as the configuration allows. */
const LARGE_BODIES: readonly string[] = [IMPORT_ADDRESS, '/v1/templates/', '/v1/secrets'];

/** Limits of size that hold before a body is read, whether its length is told or it comes in pieces. */
export function limitSizes(server: FastifyInstance, mostBytes: number): void {
  server.addHook('onRoute', (route) => {
    const isLarge = LARGE_BODIES.some((address) => route.path.startsWith(address));
    route.bodyLimit = isLarge ? mostBytes : Math.min(mostBytes, USUAL_BODY_BYTES);
  });
  server.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (request.url.length > LONGEST_ADDRESS)
      return done(new AddressTooLong(`An address has at most ${LONGEST_ADDRESS} characters.`));
    // a few bytes can be unpacked to gigabytes
    if (encoding !== undefined && encoding !== 'identity')
      return done(new UnsupportedMediaType('Send the body as it is, not compressed.'));
    done();
  });
}
