import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { FOR_PEOPLE_ONLY, hashOfApiKey, newApiKey, permissions, type Permission } from '#libs/platform/access';
import type { ApiFixture } from '../../support/api/api-fixture.js';
import { TokenIssuer } from '../../support/identity/token-issuer.js';
import { examplesOf } from './scan/example.js';
import { routeExamples } from './scan/examples/index.js';
import { scannedRoutes, type ScannedRoute } from './scan/routes.js';
import { send, TENANT_HEADER, type Caller } from './scan/send.js';
import { Things } from './scan/things.js';
import { startUnlimitedApi } from './scan/unlimited.js';

const AUDIENCE = 'urn:stellwerk:api';
const routes = await scannedRoutes();
const isPersonal = ({ permission }: ScannedRoute): boolean => FOR_PEOPLE_ONLY.includes(permission as Permission);
const named = routes.filter(isPersonal).map((route) => [`${route.method} ${route.path}`, route] as const);

let fixture: ApiFixture;
let issuer: TokenIssuer;
let things: Things;
let machines: readonly Caller[];
beforeAll(async () => {
  fixture = await startUnlimitedApi();
  issuer = await TokenIssuer.start();
  things = new Things(fixture.database.admin, 'muster');
  machines = [
    await keyOfMachine('msp', 'owner'),
    await keyOfMachine('muster', 'customer_admin'),
    ...(await clientsOfMsp()),
  ];
});
afterAll(async () => {
  await fixture?.stop();
  await issuer?.stop();
});

/** A key as an administrator makes it, of the role that may do the most. */
async function keyOfMachine(tenant_id: string, role: 'owner' | 'customer_admin'): Promise<Caller> {
  const key = newApiKey();
  const id = newId();
  const row = { tenant_id, id, role, subject: `key.${id.slice(-12)}@${tenant_id}`, name: 'script' };
  await fixture.database.admin
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key), created_by: `${role}@${tenant_id}` })
    .execute();
  return { name: `${tenant_id}’s key`, kind: tenant_id === 'msp' ? 'msp' : 'customer', key };
}

/** Clients that the MSP's issuer vouches for: one with all rights of an owner, one limited to what only people do. */
async function clientsOfMsp(): Promise<Caller[]> {
  const { admin } = fixture.database;
  const loopback = { host: null, cidr: '127.0.0.1/32', ports: null, protocols: ['http'], reason: 'The issuer.' };
  await admin
    .insertInto('outgoing_allowances')
    .values({ tenant_id: 'msp', id: newId(), ...loopback, created_by: 'test' })
    .execute();
  const { id: provider_id } = await admin
    .updateTable('identity_providers')
    .set({ issuer: issuer.url, api_audience: AUDIENCE, enabled: true })
    .where('name', '=', await new Things(admin, 'msp').identityProvider())
    .returning('id')
    .executeTakeFirstOrThrow();
  const clients = [
    { name: 'all', scopes: null },
    { name: 'limited', scopes: [...FOR_PEOPLE_ONLY] },
  ];
  return Promise.all(
    clients.map(async ({ name, scopes }) => {
      const who = { tenant_id: 'msp', id: newId(), provider_id, name, client_id: name, subject: name, role: 'owner' };
      await admin
        .insertInto('machine_clients')
        .values({ ...who, covers: null, scopes, enabled: true, set_by: 'owner@msp' })
        .execute();
      const key = await issuer.sign({ sub: name, client_id: name, aud: AUDIENCE });
      return { name: `a client of the MSP’s (${name})`, kind: 'msp', key } as const;
    }),
  );
}

describe('a machine that has every role and right, such as a key that was stolen', () => {
  it('gets in, and reads', async () => {
    for (const { name, key } of machines) {
      const { status, body } = await fixture.call('GET', '/v1/runs', { headers: { authorization: `Bearer ${key}` } });
      expect([name, status === 200 || body.code]).toEqual([name, name.includes('limited') ? 'access.denied' : true]);
    }
  });

  it.each(named)('does not do what only people do: %s', async (_name, route) => {
    for (const { make } of examplesOf(route.operationId, routeExamples))
      for (const machine of machines) {
        const headers: Record<string, string> =
          machine.kind === 'msp' && route.takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: 'muster' } : {};
        const { status, body } = await send(fixture.api.url, route, await make(things), machine, { headers });
        expect([machine.name, status, body?.code, body?.detail]).toEqual([
          ...[machine.name, 403, 'access.denied'],
          expect.stringContaining(`A machine may not do ${route.permission}.`),
        ]);
      }
  });

  it('is refused at each action that only people do, by some route', () => {
    const asked = new Set(routes.filter(isPersonal).map(({ permission }) => permission));
    // asked for within the route of delegation.write
    expect(FOR_PEOPLE_ONLY.filter((one) => !asked.has(one))).toEqual(['delegation.write_for_others']);
    expect(FOR_PEOPLE_ONLY.filter((one) => !(one in permissions))).toEqual([]);
  });
});

describe('what changes who somebody is, what they may, or what keeps them from it', () => {
  it('is for people only, each action: whoever adds one says so, or why not', () => {
    const changing = Object.keys(permissions).filter((one) =>
      /^(plan|person|session|api_key|machine_client|identity_provider|tenant_group|approval_policy|delegation|alarm|settings|protected_account|legal_hold|host_key)\.(?!read)/.test(
        one,
      ),
    );
    expect(changing.filter((one) => !FOR_PEOPLE_ONLY.includes(one as Permission))).toEqual([]);
  });
});
