import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The one address that pages of another origin may call. */
const ADDRESS = '/v1/temporal/codec/decode';
/** What the Temporal UI sends besides a body. */
const HEADERS = 'content-type, x-namespace, authorization, authorization-extras';
const HOUR = '3600';

const calls = new WeakSet<object>();

/** Whether a page of the Temporal UI asks to have payloads decoded: the one call with a cookie that another origin may make. */
export function isTemporalUiCall(request: object): boolean {
  return calls.has(request);
}

/**
 * Lets pages of the Temporal UI call the codec endpoint with the caller's cookie (CORS, fetch.spec.whatwg.org). No other
 * origin and no other address gets any of these headers.
 */
export function letTemporalUiCall(server: FastifyInstance, origin: string | null): void {
  if (origin === null) return;
  server.addHook('onRequest', (request, reply, done) => {
    if (pathOf(request) !== ADDRESS) return done();
    void reply.header('vary', 'origin');
    if (request.headers.origin !== origin) return done();
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (request.method !== 'OPTIONS') {
      calls.add(request);
      return done();
    }
    const allowed = { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': HEADERS };
    void reply
      .headers({ ...allowed, 'access-control-max-age': HOUR })
      .status(204)
      .send();
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!;
}
