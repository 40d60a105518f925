import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import {
  callApi,
  fresh,
  startApiFixture,
  type ApiAnswer,
  type ApiFixture,
  type Who,
} from '../../support/api/api-fixture.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { eventually } from '../../support/eventually.js';

let fixture: ApiFixture;

beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const HOME = { 'stellwerk-tenant': 'msp' };

function make(as: Who, body: object, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  return fixture.call('POST', '/v1/api-keys', {
    as,
    body: { name: 'a script', ...body },
    headers: { ...fresh(), ...headers },
  });
}

function withKey(key: string, path = '/v1/requests', method = 'GET', body?: object): Promise<ApiAnswer> {
  const headers = { authorization: `Bearer ${key}`, ...(method === 'GET' ? {} : fresh()) };
  return callApi(fixture.api.url, method, path, { headers, ...(body ? { body } : {}) });
}

/** A key of somebody's own (ADR 9), with limits. */
async function personsKey(
  tenant: string,
  role: string,
  limits: { scopes?: string[]; covers?: string[] },
): Promise<string> {
  const key = newApiKey();
  const row = { tenant_id: tenant, id: newId(), role, subject: `limited@${tenant}`, name: 'own', ...limits };
  await fixture.database.admin
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key) })
    .execute();
  return key;
}

/** Whatever the database holds of keys, as text. */
async function everythingKept(): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    SELECT (SELECT json_agg(k)::text FROM api_keys k) || (SELECT json_agg(i)::text FROM idempotency_keys i)
      || (SELECT json_agg(a)::text FROM audit_entries a) AS text`.execute(fixture.database.admin);
  return rows[0]!.text;
}

describe('an API key', () => {
  it('is shown once, lets in with its role, and is kept nowhere but as a hash', async () => {
    const made = await make('muster/customer_admin', { role: 'requester' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      tenant: 'muster',
      role: 'requester',
      scopes: null,
      state: 'active',
      lastUsedAt: null,
    });
    const { key } = made.body as { key: string };
    expect((await withKey(key)).status).toBe(200);
    expect(await everythingKept()).not.toContain(key);
    const listed = await fixture.call('GET', '/v1/api-keys', { as: 'muster/customer_admin' });
    expect(listed.text).not.toContain(key);
    expect(listed.text).not.toContain(hashOfApiKey(key).toString('hex'));
  });

  it('is not shown again when the call is repeated', async () => {
    const headers = fresh();
    const first = await make('muster/customer_admin', { role: 'auditor' }, headers);
    const again = await make('muster/customer_admin', { role: 'auditor' }, headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual({ ...first.body, key: null });
  });

  it('says when it was last used, to the minute', async () => {
    const { key, id } = (await make('muster/customer_admin', { role: 'auditor' })).body;
    await withKey(key);
    await eventually('its use is on record', async () => {
      const { body } = await fixture.call('GET', '/v1/api-keys', { as: 'muster/auditor' });
      return body.items.find((one: { id: string }) => one.id === id).lastUsedAt !== null;
    });
  });

  it('that has expired lets nobody in', async () => {
    const { key, id } = (await make('muster/customer_admin', { role: 'auditor', validDays: 1 })).body;
    await fixture.database.admin
      .updateTable('api_keys')
      .set({ expires_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
    const answer = await withKey(key);
    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'auth.key_invalid', detail: expect.stringContaining('expired') },
    });
  });

  it('that is revoked ends at once, in every instance of the API', async () => {
    const other = await fixture.startAnother(fixture.database.urlFor('api'));
    const { key, id } = (await make('muster/customer_admin', { role: 'auditor' })).body;
    const there = (): Promise<ApiAnswer> =>
      callApi(other.url, 'GET', '/v1/requests', { headers: { authorization: `Bearer ${key}` } });
    expect((await there()).status).toBe(200);
    const ended = await fixture.call('DELETE', `/v1/api-keys/${id}`, { as: 'muster/customer_admin' });
    expect(ended.body).toMatchObject({ id, state: 'revoked' });
    expect((await there()).status).toBe(401);
    expect((await fixture.call('DELETE', `/v1/api-keys/${id}`, { as: 'muster/customer_admin' })).body).toEqual(
      ended.body,
    );
  });
});

describe('a limited key', () => {
  it('may do what its scopes name and nothing else of its role', async () => {
    const { key } = (await make('muster/customer_admin', { role: 'requester', scopes: ['run.read'] })).body;
    expect((await withKey(key, '/v1/runs')).status).toBe(200);
    expect(await withKey(key)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  });

  it('of the MSP sees only the customers that it names: another’s things are not found', async () => {
    const { key } = (await make('msp/owner', { role: 'operator', customers: ['muster'] }, HOME)).body;
    expect((await withKey(key, '/v1/requests?tenant=muster')).status).toBe(200);
    expect(await withKey(key, '/v1/requests?tenant=nordlicht')).toMatchObject({ status: 404 });
    const written = await callApi(fixture.api.url, 'GET', '/v1/templates/offboarding', {
      headers: { authorization: `Bearer ${key}`, 'stellwerk-tenant': 'nordlicht' },
    });
    expect(written).toMatchObject({ status: 404, body: { code: 'tenant.not_found' } });
  });
});

describe('whoever makes a key', () => {
  it('cannot give it more than they may do themselves', async () => {
    const key = await personsKey('muster', 'customer_admin', { scopes: ['api_key.write', 'request.read'] });
    const tooMuch = await withKey(key, '/v1/api-keys', 'POST', { name: 'climber', role: 'customer_admin' });
    expect(tooMuch).toMatchObject({ status: 403, body: { code: 'api_key.too_powerful' } });
    const within = await withKey(key, '/v1/api-keys', 'POST', {
      name: 'reader',
      role: 'auditor',
      scopes: ['request.read'],
    });
    expect(within.status).toBe(201);
  });

  it('cannot give it customers that they do not have', async () => {
    const key = await personsKey('msp', 'owner', { covers: ['muster', 'msp'] });
    const headers = { authorization: `Bearer ${key}`, ...fresh(), ...HOME };
    const body = { name: 'climber', role: 'operator', customers: ['nordlicht'] };
    const answer = await callApi(fixture.api.url, 'POST', '/v1/api-keys', { headers, body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'api_key.too_powerful' } });
  });

  it.each([
    ['a role that its tenant does not have', { role: 'operator' }, 'role'],
    ['a scope that its role does not have', { role: 'requester', scopes: ['dead_letter.replay'] }, 'scopes'],
    ['customers in a customer’s key', { role: 'requester', customers: ['nordlicht'] }, 'customers'],
    ['a life of years', { role: 'requester', validDays: 4000 }, 'validDays'],
  ])('cannot give it %s', async (_case, body, path) => {
    const answer = await make('muster/customer_admin', body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ path }] } });
  });
});

describe('a machine', () => {
  it('does not approve what its maker has requested, nor anything else', async () => {
    const { key } = (await make('muster/customer_admin', { role: 'approver' })).body;
    const { id, planHash } = await RequestFactory.of('muster', 'customer_admin@muster')
      .planned()
      .in(fixture.database.admin);
    const body = { decision: 'approve', planHash };
    const answer = await withKey(key, `/v1/requests/${id}/decisions`, 'POST', body);
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'access.denied', detail: expect.stringContaining('machine') },
    });
  });

  it('gets no key that says it may', async () => {
    const answer = await make('muster/customer_admin', { role: 'approver', scopes: ['plan.decide'] });
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ path: 'scopes' }] } });
  });
});

describe('rotating a key', () => {
  it('lets both in during the overlap, and only the successor afterwards', async () => {
    const old = (await make('muster/customer_admin', { role: 'auditor', name: 'backup' })).body;
    const rotate = (): Promise<ApiAnswer> =>
      fixture.call('POST', `/v1/api-keys/${old.id}/rotate`, {
        as: 'muster/customer_admin',
        body: { overlapHours: 2 },
        headers: fresh(),
      });
    const next = await rotate();
    expect(next).toMatchObject({ status: 201, body: { name: 'backup', role: 'auditor', subject: old.subject } });
    expect((await withKey(old.key)).status).toBe(200);
    expect((await withKey(next.body.key)).status).toBe(200);
    expect(await rotate()).toMatchObject({ status: 409, body: { code: 'api_key.ended' } });
    const { rows } = await sql<{ hours: number; successor: string }>`
      SELECT extract(epoch FROM expires_at - now()) / 3600 AS hours, successor FROM api_keys WHERE id = ${old.id}`.execute(
      fixture.database.admin,
    );
    expect(rows[0]!.successor).toBe(next.body.id);
    expect(Number(rows[0]!.hours)).toBeCloseTo(2, 1);
  });

  it('without overlap ends the old key at once', async () => {
    const old = (await make('muster/customer_admin', { role: 'auditor' })).body;
    const body = { overlapHours: 0 };
    await fixture.call('POST', `/v1/api-keys/${old.id}/rotate`, {
      as: 'muster/customer_admin',
      body,
      headers: fresh(),
    });
    expect((await withKey(old.key)).status).toBe(401);
  });

  it('keeps the name of whoever the key was for, but not once their off-boarding is open', async () => {
    const { admin } = fixture.database;
    const [id, key] = [newId(), newApiKey()];
    const row = {
      tenant_id: 'muster',
      id,
      role: 'requester',
      subject: 'uwe@muster',
      name: 'laptop',
      key_hash: hashOfApiKey(key),
    };
    await admin.insertInto('api_keys').values(row).execute();
    const request = {
      tenant_id: 'muster',
      id: newId(),
      type: 'offboarding',
      status: 'planning' as const,
      subject: 'uwe',
    };
    await admin
      .insertInto('requests')
      .values({ ...request, body: '{}', requested_by: 'requester@muster', submitted_event_id: newId() })
      .execute();
    const answer = await fixture.call('POST', `/v1/api-keys/${id}/rotate`, {
      as: 'muster/customer_admin',
      body: {},
      headers: fresh(),
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'api_key.of_leaver' } });
  });
});

it('what is done with keys is on record, without the key', async () => {
  const { id, key } = (await make('nordlicht/customer_admin', { role: 'auditor' })).body;
  await fixture.call('DELETE', `/v1/api-keys/${id}`, { as: 'nordlicht/customer_admin' });
  const { rows } = await sql<{ action: string; actor: string; row: string }>`
    SELECT action, actor, a::text AS row FROM audit_entries a WHERE tenant_id = 'nordlicht' AND object_id = ${id} ORDER BY action`.execute(
    fixture.database.admin,
  );
  expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
    ['api_key.created', 'customer_admin@nordlicht'],
    ['api_key.revoked', 'customer_admin@nordlicht'],
  ]);
  expect(rows.map(({ row }) => row).join()).not.toContain(key);
});
