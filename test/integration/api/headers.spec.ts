import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningApi } from '../../../apps/api/create-api.js';
import { callApi, type ApiFixture } from '../../support/api/api-fixture.js';
import { cookieFaults } from '../../support/api/cookie-faults.js';
import { examplesOf } from './scan/example.js';
import { routeExamples } from './scan/examples/index.js';
import { scannedRoutes } from './scan/routes.js';
import { addressOf, send, TENANT_HEADER, type Caller } from './scan/send.js';
import { Things } from './scan/things.js';
import { startUnlimitedApi } from './scan/unlimited.js';

const routes = await scannedRoutes();
const NO_ID = '01975d1c-7a00-7000-8000-00000000dead';

let fixture: ApiFixture;
let behindTls: RunningApi;
let withoutDatabase: RunningApi;
let things: Things;
beforeAll(async () => {
  fixture = await startUnlimitedApi();
  things = new Things(fixture.database.admin, 'muster');
  behindTls = await fixture.startAnother(fixture.database.urlFor('api'), { behindTls: true });
  withoutDatabase = await fixture.startAnother('postgres://stellwerk_api:x@127.0.0.1:1/none');
});
afterAll(() => fixture?.stop());

/** Everything that an answer's headers must say, whatever the address and the outcome. */
function faultsOf(headers: Headers, tls: boolean): string[] {
  const policy = headers.get('content-security-policy') ?? '';
  const wanted: [string, boolean][] = [
    ['x-content-type-options', headers.get('x-content-type-options') === 'nosniff'],
    ['x-frame-options', headers.get('x-frame-options') === 'DENY'],
    ['referrer-policy', headers.get('referrer-policy') === 'no-referrer'],
    ['cross-origin-opener-policy', headers.get('cross-origin-opener-policy') === 'same-origin'],
    ['cross-origin-resource-policy', headers.get('cross-origin-resource-policy') === 'same-origin'],
    ['permissions-policy', /camera=\(\).*microphone=\(\)/.test(headers.get('permissions-policy') ?? '')],
    ['a policy that begins with nothing', policy.startsWith("default-src 'none'")],
    ['no frames', policy.includes("frame-ancestors 'none'")],
    ['no base', policy.includes("base-uri 'none'")],
    ['forms to us at most', /form-action '(none|self)'/.test(policy)],
    ['no inline or evaluated script', !/script-src [^;]*'unsafe-/.test(policy)],
    ['no other host in the policy', !/https?:|\*/.test(policy)],
    [
      'a content type with its charset',
      // what a browser only saves has none: nobody reads it as text of ours
      /^$|charset=utf-8|^application\/jose$/i.test(headers.get('content-type') ?? '') ||
        (/^attachment/.test(headers.get('content-disposition') ?? '') && policy.endsWith('; sandbox')),
    ],
    ['no banner', !['server', 'x-powered-by', 'via'].some((name) => headers.has(name))],
    ['no other origin is let in', !headers.has('access-control-allow-origin')],
    ['HSTS with TLS, and only with it', headers.has('strict-transport-security') === tls],
    ['x-request-id', headers.has('x-request-id')],
  ];
  return wanted.filter(([, holds]) => !holds).map(([what]) => what);
}

const owner = (): Caller => ({ name: 'msp/owner', kind: 'msp', key: fixture.keyOf('msp/owner') });
const nobody: Caller = { name: 'nobody', kind: 'nobody', key: null };

describe('the headers of every answer', () => {
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'protect, whether it succeeds or is a problem: %s',
    async (_name, route) => {
      const headers: Record<string, string> = route.takes.has(`header:${TENANT_HEADER}`)
        ? { [TENANT_HEADER]: 'muster' }
        : {};
      const { make } = examplesOf(route.operationId, routeExamples)[0]!;
      for (const [url, tls] of [
        [fixture.api.url, false],
        [behindTls.url, true],
      ] as const) {
        const call = await make(things);
        const unknown = {
          ...call,
          path: Object.fromEntries(Object.keys(call.path ?? {}).map((name) => [name, NO_ID])),
        };
        const answers = [
          await send(url, route, call, owner(), { headers }),
          await send(url, route, call, nobody, { headers }),
          await send(url, route, unknown, owner(), { headers }),
          await callApi(url, 'PATCH', addressOf(route, call), { raw: '{', headers }),
        ];
        for (const answer of answers)
          expect([answer.status, faultsOf(answer.headers, tls)]).toEqual([answer.status, []]);
        // what is not said to be kept is kept nowhere
        for (const answer of answers) expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    },
  );

  it.each([
    '/docs',
    '/docs/start.js',
    '/docs/swagger-ui.css',
    '/docs/swagger-ui-bundle.js',
    '/openapi.json',
    '/hand-over/unknown',
    '/links/approval/unknown',
    '/nothing',
    '/v1/requests/%ff',
  ])('protect outside of the description too: %s', async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const answer = await callApi(behindTls.url, method, path, {});
      expect([method, answer.status, faultsOf(answer.headers, true)]).toEqual([method, answer.status, []]);
      const isKept = method === 'GET' && /swagger-ui/.test(path);
      expect(answer.headers.get('cache-control')).toBe(isKept ? 'public, max-age=86400' : 'no-store');
    }
  });

  it('protect while the database is away, and when too much is sent', async () => {
    const away = await callApi(withoutDatabase.url, 'GET', '/v1/requests', {
      headers: { authorization: `Bearer ${owner().key}` },
    });
    expect([away.status, faultsOf(away.headers, false)]).toEqual([503, []]);
    const large = await callApi(fixture.api.url, 'POST', '/v1/requests', { body: 'x'.repeat(300_000) });
    expect([large.status, faultsOf(large.headers, false)]).toEqual([413, []]);
  });

  it('protect even where the request is no HTTP', async () => {
    const { hostname, port } = new URL(behindTls.url);
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write('GET / HTTP/1.1\r\nbad header\r\n\r\n'));
      socket.on('data', (chunk) => (received += chunk.toString())).on('close', () => resolve(received));
    });
    const lines = text.split('\r\n\r\n', 1)[0]!.split('\r\n').slice(1);
    const headers = new Headers(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    expect(faultsOf(headers, true)).toEqual(['x-request-id']);
  });

  it('let the page of the description run its own scripts, and no script that somebody slipped in', async () => {
    const { headers } = await callApi(fixture.api.url, 'GET', '/docs', {});
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("script-src 'self' 'unsafe");
  });
});

describe('a cookie of the API', () => {
  it.each([
    ['__Host-session=x; Path=/; Secure; HttpOnly; SameSite=Lax', []],
    ['session=x; Path=/; HttpOnly; SameSite=Strict', []],
    ['__Host-session=x; Path=/; Secure; SameSite=Lax', ['__Host-session without HttpOnly']],
    ['session=x; Path=/; HttpOnly', ['session without SameSite']],
    ['session=x; Path=/; HttpOnly; SameSite=None', ['session without SameSite']],
    ['session=x; Path=/; HttpOnly; SameSite=Lax; Domain=example.com', ['session with a Domain']],
    ['session=x; Path=/; HttpOnly; SameSite=Lax; Secure', [expect.stringContaining('__Host-')]],
    ['session=x; Path=/v1; HttpOnly; SameSite=Lax', ['session not for the path /']],
  ])('is refused by every test of the API unless a script and another site cannot use it: %s', (cookie, faults) => {
    expect(cookieFaults(cookie)).toEqual(faults);
  });
});
