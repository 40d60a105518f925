import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, type Role } from '#libs/platform/access';
import { callApi, fresh, startApiFixture, type ApiAnswer, type ApiFixture } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { signedInAs } from '../../support/api/session.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const admin = () => fixture.database.admin;
const HELD = { status: 401, body: { code: 'auth.key_invalid', detail: expect.stringContaining('held') } };
const reason = 'Under suspicion.';

/** An owner at the MSP who made a key that holds for all customers. */
async function ownerWithKey() {
  const person = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
  return { person, ...(await keyBy('msp', person, { role: 'owner' })) };
}

async function administratorWithKey() {
  const person = await PersonFactory.at('muster').granted('customer_admin', 'home').in(admin());
  return { person, ...(await keyBy('muster', person, { role: 'customer_admin', validDays: 365 })) };
}

async function keyBy(home: string, person: string, wish: object, tenant = home): Promise<{ id: string; key: string }> {
  const headers = { ...(await signedInAs(fixture, home, person)), ...fresh(), 'stellwerk-tenant': tenant };
  const made = await fixture.call('POST', '/v1/api-keys', { headers, body: { name: 'a script', ...wish } });
  expect(made.status).toBe(201);
  return made.body;
}

const get = (key: string, path = '/v1/requests'): Promise<ApiAnswer> =>
  fixture.call('GET', path, { headers: { authorization: `Bearer ${key}` } });
const post = (key: string, path: string, body: object, headers: object = {}): Promise<ApiAnswer> =>
  fixture.call('POST', path, { headers: { authorization: `Bearer ${key}`, ...fresh(), ...headers }, body });
const lock = (person: string, act: 'lock' | 'unlock', as: 'muster/customer_admin') =>
  fixture.call('POST', `/v1/people/${person}/${act}`, { as, body: { reason } });
const listedAs = async (as: 'msp/owner' | 'muster/customer_admin', id: string) =>
  (await fixture.call('GET', '/v1/api-keys', { as })).body.items.find((one: { id: string }) => one.id === id).held;

async function endRoles(person: string): Promise<void> {
  await sql`UPDATE role_grants SET ended_at = now(), ended_by = 'test' WHERE person_id = ${person}`.execute(admin());
}

describe('a key that an attacker made while they could', () => {
  it('does nothing while they are locked, says why in the list, and does it again when they are let back in', async () => {
    const { person, id, key } = await administratorWithKey();
    expect((await get(key, '/v1/people')).status).toBe(200);
    expect(await listedAs('muster/customer_admin', id)).toBeNull();
    expect((await lock(person, 'lock', 'muster/customer_admin')).status).toBe(200);
    expect(await get(key, '/v1/people')).toMatchObject(HELD);
    expect(await listedAs('muster/customer_admin', id)).toBe('maker_locked');
    expect((await lock(person, 'unlock', 'muster/customer_admin')).status).toBe(200);
    expect((await get(key, '/v1/people')).status).toBe(200);
  });

  it('does nothing once their role was taken, or a lesser one given for it', async () => {
    const { person, id, key } = await administratorWithKey();
    await endRoles(person);
    expect(await get(key)).toMatchObject(HELD);
    await sql`INSERT INTO role_grants (tenant_id, id, person_id, role, covers, source, granted_by)
      VALUES ('muster', ${newId()}, ${person}, 'requester', 'home', 'manual', 'test')`.execute(admin());
    expect(await get(key)).toMatchObject(HELD);
    expect(await listedAs('muster/customer_admin', id)).toBe('maker_may_less');
  });

  it('of the MSP holds no longer where they were an owner and are none now', async () => {
    const { person, id, key } = await ownerWithKey();
    expect((await get(key, '/v1/requests?tenant=nordlicht')).status).toBe(200);
    await endRoles(person);
    await sql`INSERT INTO role_grants (tenant_id, id, person_id, role, covers, covers_id, source, granted_by)
      VALUES ('msp', ${newId()}, ${person}, 'owner', 'tenant', 'muster', 'manual', 'test')`.execute(admin());
    expect((await get(key, '/v1/requests?tenant=muster')).status).toBe(200);
    expect((await get(key, '/v1/requests?tenant=nordlicht')).status).toBe(404);
    expect(await listedAs('msp/owner', id)).toBe('maker_may_less');
  });

  it('of a customer does nothing once the owner at the MSP who made it is shut out', async () => {
    const person = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const { key } = await keyBy('msp', person, { role: 'requester' }, 'muster');
    expect((await get(key)).status).toBe(200);
    await admin().updateTable('people').set({ status: 'locked' }).where('id', '=', person).execute();
    expect(await get(key)).toMatchObject(HELD);
  });

  it('goes on under somebody with the rights, who rotates it; the one that the maker has seen stays held', async () => {
    const { person, id, key } = await administratorWithKey();
    await lock(person, 'lock', 'muster/customer_admin');
    const taken = await fixture.call('POST', `/v1/api-keys/${id}/rotate`, {
      as: 'muster/customer_admin',
      body: { overlapHours: 24 },
      headers: fresh(),
    });
    expect(taken).toMatchObject({ status: 201, body: { held: null, createdBy: 'customer_admin@muster' } });
    expect((await get(taken.body.key, '/v1/people')).status).toBe(200);
    expect(await get(key)).toMatchObject(HELD);
  });

  it('in their own name does nothing either while they are locked', async () => {
    const person = await PersonFactory.at('muster').named('laptop').granted('approver', 'home').in(admin());
    const [key, id] = [newApiKey(), newId()];
    const row = { tenant_id: 'muster', id, role: 'approver', subject: 'Laptop@muster', name: 'laptop' };
    await admin()
      .insertInto('api_keys')
      .values({ ...row, key_hash: hashOfApiKey(key) })
      .execute();
    expect((await get(key)).status).toBe(200);
    await lock(person, 'lock', 'muster/customer_admin');
    expect(await get(key)).toMatchObject(HELD);
    expect(await listedAs('muster/customer_admin', id)).toBe('holder_locked');
  });

  it('was made by a machine, before that was refused: nobody answers for it', async () => {
    const { key, id } = await administratorWithKey();
    await sql`UPDATE api_keys SET created_by = 'key.0123456789ab@muster' WHERE id = ${id}`.execute(admin());
    expect(await get(key)).toMatchObject(HELD);
    expect(await listedAs('muster/customer_admin', id)).toBe('made_by_machine');
  });
});

describe('a machine’s key', () => {
  it.each([
    ['another key', '/v1/api-keys', { name: 'next', role: 'requester' }],
    ['an invitation', '/v1/invitations', { mail: 'eve@evil.example', displayName: 'Eve', language: 'de', grants: [] }],
  ])('of an administrator makes no %s', async (_what, path, body) => {
    const { key } = await administratorWithKey();
    expect(await post(key, path, body)).toMatchObject({
      status: 403,
      body: { code: 'access.denied', detail: expect.stringContaining('machine') },
    });
  });

  it('gives nobody a role', async () => {
    const { key, person } = await administratorWithKey();
    const answer = await post(key, `/v1/people/${person}/grants`, { role: 'approver', covers: 'home' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  });
});

describe('a key of somebody at the MSP, who gave no second factor for it', () => {
  it('lets nobody in, however old it is, but on a development’s machine', async () => {
    const [key, machine] = [newApiKey(), newApiKey()];
    const row = { tenant_id: 'msp', role: 'owner' satisfies Role, name: 'old', scopes: ['run.read', 'plan.decide'] };
    await admin()
      .insertInto('api_keys')
      .values([
        { ...row, id: newId(), subject: 'old@msp', key_hash: hashOfApiKey(key) },
        { ...row, id: newId(), subject: 'key.0123456789ff@msp', key_hash: hashOfApiKey(machine) },
      ])
      .execute();
    const served = await fixture.startAnother(
      fixture.database.urlFor('api'),
      {},
      undefined,
      'https://stellwerk.example',
    );
    const call = (url: string, as: string, method = 'GET', path = '/v1/runs', body?: object) => {
      const headers = { authorization: `Bearer ${as}`, 'stellwerk-tenant': 'muster', ...fresh() };
      return callApi(url, method, path, { headers, body });
    };
    const refused = {
      status: 401,
      body: { code: 'auth.key_invalid', detail: expect.stringContaining('second factor') },
    };
    const decide = ['POST', `/v1/requests/${newId()}/decisions`, {}] as const;
    expect(await call(served.url, key)).toMatchObject(refused);
    expect(await call(served.url, key, ...decide)).toMatchObject(refused);
    expect((await call(served.url, machine)).status).toBe(200);
    expect(await call(served.url, machine, ...decide)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect((await call(fixture.api.url, key)).status).toBe(200);
  });
});
