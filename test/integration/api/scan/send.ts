import { randomInt, randomUUID } from 'node:crypto';
import { callApi, type ApiAnswer } from '../../../support/api/api-fixture.js';
import type { ExampleCall } from './example.js';
import type { ScannedRoute } from './routes.js';

export const TENANT_HEADER = 'stellwerk-tenant';

/** Whoever calls: with a key, or without. */
export interface Caller {
  readonly name: string;
  readonly kind: 'msp' | 'customer' | 'nobody';
  readonly key: string | null;
  /** Those of a signed-in browser. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a route by an example; `headers` and `query` come on top of it. */
export function send(
  url: string,
  route: ScannedRoute,
  call: ExampleCall,
  caller: Caller,
  more: {
    readonly method?: 'HEAD';
    readonly headers?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
  } = {},
): Promise<ApiAnswer> {
  const query = new URLSearchParams({ ...call.query, ...more.query }).toString();
  return callApi(url, more.method ?? route.method, addressOf(route, call) + (query && `?${query}`), {
    body: call.body,
    ...(call.raw === undefined ? {} : { raw: call.raw }),
    headers: {
      // of many places, because the limit of one place would be met before the question is
      ...(caller.kind === 'nobody' ? { 'x-forwarded-for': `198.51.${randomInt(256)}.${randomInt(256)}` } : {}),
      ...(caller.key === null ? {} : { authorization: `Bearer ${caller.key}` }),
      ...caller.headers,
      ...(route.takes.has('header:idempotency-key') ? { 'idempotency-key': randomUUID() } : {}),
      ...call.headers,
      ...more.headers,
    },
  });
}

/** The address with its parameters filled in. Throws when the example leaves one out. */
export function addressOf({ path, operationId }: ScannedRoute, call: ExampleCall): string {
  return path.replace(/\{([^}]+)\}/g, (_whole, name: string) => {
    const value = call.path?.[name];
    if (value === undefined) throw new Error(`The example of ${operationId} gives no \`${name}\`.`);
    return encodeURIComponent(value);
  });
}
