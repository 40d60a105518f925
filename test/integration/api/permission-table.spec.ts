import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { permissions, type Permission, type Role } from '#libs/platform/access';
import type { ApiFixture, Who } from '../../support/api/api-fixture.js';
import { examplesOf } from './scan/example.js';
import { HIDDEN, routeExamples } from './scan/examples/index.js';
import { handlers, scannedRoutes, watchServedRoutes } from './scan/routes.js';
import { send, TENANT_HEADER, type Caller } from './scan/send.js';
import { Things } from './scan/things.js';
import { startUnlimitedApi } from './scan/unlimited.js';

const routes = await scannedRoutes();
const guarded = routes.filter(({ permission }) => permission !== 'public');

let fixture: ApiFixture;
let things: Things;
let served: ReadonlySet<string>;
beforeAll(async () => {
  served = watchServedRoutes();
  fixture = await startUnlimitedApi();
  things = new Things(fixture.database.admin, 'muster');
});
afterAll(() => fixture?.stop());

const ROLES = [
  ...(['owner', 'operator', 'technician', 'auditor'] as const).map((role) => ({ kind: 'msp', role }) as const),
  ...(['customer_admin', 'approver', 'requester', 'auditor'] as const).map(
    (role) => ({ kind: 'customer', role }) as const,
  ),
];

function callerWith(kind: 'msp' | 'customer', role: Role): Caller {
  const who: Who = `${kind === 'msp' ? 'msp' : 'muster'}/${role}`;
  return { name: who, kind, key: fixture.keyOf(who) };
}

function grants(permission: Permission | undefined, kind: 'msp' | 'customer', role: Role): boolean {
  return permission === undefined || (permissions[permission] as readonly string[]).includes(`${kind}:${role}`);
}

describe('the permission table', () => {
  it('has an example of every route, and of nothing else', () => {
    expect(Object.keys(routeExamples).sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
  });

  it('covers the routes that the description leaves out by a reason each', () => {
    const hidden = handlers().filter(({ operationId }) => operationId === undefined);
    expect(hidden.map(({ name }) => name).sort()).toEqual(Object.keys(HIDDEN).sort());
  });

  it('knows every address that the server listens at: none is inherited, or added behind the guard’s back', () => {
    const heads = [...served].filter((one) => served.has(one.replace(/^HEAD /, 'GET ')) && one.startsWith('HEAD '));
    const rest = [...served].filter((one) => !heads.includes(one));
    expect(rest.sort()).toEqual(
      handlers()
        .flatMap(({ addresses }) => addresses)
        .sort(),
    );
  });

  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'and the answer agree for each role: %s',
    async (_name, route) => {
      for (const { make, needs, what, refused } of examplesOf(route.operationId, routeExamples))
        for (const { kind, role } of ROLES) {
          const table = grants(route.permission as Permission, kind, role) && grants(needs, kind, role);
          const expected = table ? (refused?.[`${kind}:${role}`] ?? 'done') : 'access.denied';
          const headers: Record<string, string> =
            kind === 'msp' && route.takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: 'muster' } : {};
          const answer = await send(fixture.api.url, route, await make(things), callerWith(kind, role), { headers });
          const told = answer.status < 300 ? 'done' : (answer.body?.code ?? answer.text);
          expect([what, `${kind}:${role}`, told]).toEqual([what, `${kind}:${role}`, expected]);
        }
    },
  );

  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'lets nobody in without a key: %s',
    async (_name, route) => {
      const call = await examplesOf(route.operationId, routeExamples)[0]!.make(things);
      for (const key of [null, 'swk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']) {
        const answer = await send(fixture.api.url, route, call, { name: 'nobody', kind: 'nobody', key });
        expect(answer.status).toBe(401);
      }
    },
  );
});
