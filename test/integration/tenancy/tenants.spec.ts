import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { openDatabase } from '#libs/platform/database';
import { callApi, fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { localIn } from '../../support/api/dates.js';
import { agreement } from '../../support/api/tenancy.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

const send = (method: string, path: string, body?: unknown, as: Who = 'msp/owner', headers = fresh()) =>
  fixture.call(method, path, { as, body, headers });
const create = (id: string, headers = fresh()) =>
  send('POST', '/v1/tenants', { id, name: `${id} GmbH`, timeZone: 'Europe/Berlin' }, 'msp/owner', headers);
const audited = async (tenant: string) =>
  (
    await sql<{ action: string; actor: string }>`
      SELECT action, actor FROM audit_entries WHERE tenant_id = ${tenant} ORDER BY id`.execute(fixture.database.admin)
  ).rows.map(({ action, actor }) => `${action} ${actor}`);
const leaver = () => ({ type: 'offboarding', user: `user${newId().slice(-6)}`, lastWorkingAt: localIn(30) });

/** A key of a customer that the fixture did not make. */
async function keyAt(tenant: string, role: string): Promise<Record<string, string>> {
  const key = newApiKey();
  const row = { tenant_id: tenant, id: newId(), role, subject: `${role}@${tenant}`, name: 'test' };
  await fixture.database.admin
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key) })
    .execute();
  return { authorization: `Bearer ${key}` };
}

describe('a new customer', () => {
  it('is created once, and is not live: nobody’s request is taken before the agreement is recorded', async () => {
    const headers = fresh();
    const first = await create('alpenblick', headers);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'active', liveSince: null, missing: ['agreement'], version: 1 },
    });
    expect((await create('alpenblick', headers)).body).toEqual(first.body);
    const asCustomer = { ...(await keyAt('alpenblick', 'requester')), ...fresh() };
    const request = () => callApi(fixture.api.url, 'POST', '/v1/requests', { headers: asCustomer, body: leaver() });
    expect(await request()).toMatchObject({
      status: 409,
      body: { code: 'tenant.not_live', context: { missing: ['agreement'] } },
    });
    const forIt = { ...fresh(), 'stellwerk-tenant': 'alpenblick' };
    expect(await send('POST', '/v1/requests', leaver(), 'msp/owner', forIt)).toMatchObject({
      body: { code: 'tenant.not_live' },
    });
    const recorded = await send('POST', '/v1/tenants/alpenblick/agreements', agreement());
    expect(recorded).toMatchObject({ status: 201, body: { version: 1, inForce: true, signedOn: '2025-03-01' } });
    expect(await request()).toMatchObject({ status: 202 });
    expect(await audited('alpenblick')).toEqual(
      expect.arrayContaining(['tenant.created owner@msp', 'agreement.recorded owner@msp']),
    );
    // from here on what has ended is erased by its age
    const retention = await send('GET', '/v1/retention?tenant=alpenblick');
    expect(retention.body.items[0]).toMatchObject({ since: expect.stringMatching(/^20/), setBy: null });
  });

  it('is no longer live when its agreement ends; the next version ends the one before without a gap', async () => {
    await create('bergtal');
    await send('POST', '/v1/tenants/bergtal/agreements', agreement());
    const second = await send('POST', '/v1/tenants/bergtal/agreements', agreement({ documentReference: 'AVV 2' }));
    expect(second.body).toMatchObject({ version: 2, inForce: true });
    const { body } = await send('GET', '/v1/tenants/bergtal/agreements');
    expect(body.items.map((one: { inForce: boolean }) => one.inForce)).toEqual([true, false]);
    expect((await send('GET', '/v1/tenants/bergtal')).body.missing).toEqual([]);
    await send('POST', '/v1/tenants/bergtal/agreements/end', { reason: 'terminated' });
    expect((await send('GET', '/v1/tenants/bergtal')).body).toMatchObject({ liveSince: null, missing: ['agreement'] });
  });

  it('cannot be smuggled past its first state by the api’s database role', async () => {
    const asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test');
    const insert = (values: string) =>
      asApi.transaction().execute(async (tx) => {
        await sql`SELECT set_config('stellwerk.tenants', 'mogel', true)`.execute(tx);
        await sql.raw(`INSERT INTO tenants (id, kind, name, time_zone${values}`).execute(tx);
      });
    try {
      await expect(insert(`) VALUES ('mogel', 'msp', 'x', 'UTC')`)).rejects.toThrow(/row-level security/);
      await expect(insert(`, live_since) VALUES ('mogel', 'customer', 'x', 'UTC', now())`)).rejects.toThrow(
        /permission denied/,
      );
    } finally {
      await asApi.destroy();
    }
  });
});

describe('a suspension', () => {
  it('keeps people and keys out at once, takes no request from the MSP either, and ends', async () => {
    await create('suspendia');
    await send('POST', '/v1/tenants/suspendia/agreements', agreement());
    const headers = await keyAt('suspendia', 'auditor');
    const list = () => callApi(fixture.api.url, 'GET', '/v1/requests', { headers });
    expect((await list()).status).toBe(200);
    const suspended = await send('POST', '/v1/tenants/suspendia/suspend', { reason: 'invoices unpaid' });
    expect(suspended.body).toMatchObject({ status: 'suspended', statusReason: 'invoices unpaid' });
    expect(await list()).toMatchObject({ status: 403, body: { code: 'tenant.suspended' } });
    const forIt = { ...fresh(), 'stellwerk-tenant': 'suspendia' };
    expect(await send('POST', '/v1/requests', leaver(), 'msp/owner', forIt)).toMatchObject({
      status: 409,
      body: { code: 'tenant.takes_no_requests', context: { status: 'suspended' } },
    });
    await send('POST', '/v1/tenants/suspendia/resume', { reason: 'paid' });
    expect((await list()).status).toBe(200);
    expect(await audited('suspendia')).toEqual(
      expect.arrayContaining(['tenant.suspended owner@msp', 'tenant.resumed owner@msp']),
    );
  });
});

describe('sites, contacts and groups', () => {
  it('are kept per customer, and a second editor is told that somebody was faster', async () => {
    const site = await send('POST', '/v1/tenants/muster/sites', { name: 'Werk Nord', timeZone: 'Europe/Berlin' });
    expect(site).toMatchObject({ status: 201, body: { tenant: 'muster', version: 1, street: null } });
    const path = `/v1/tenants/muster/sites/${site.body.id}`;
    const change = { name: 'Werk Nord', city: 'Kiel', timeZone: 'Europe/Berlin', version: 1 };
    expect((await send('PUT', path, change, 'muster/customer_admin')).body).toMatchObject({ city: 'Kiel', version: 2 });
    expect(await send('PUT', path, change)).toMatchObject({ status: 409, body: { code: 'tenancy.changed_meanwhile' } });
    const contact = { name: 'Ina Koch', role: 'technical', siteId: site.body.id, mail: 'ina@muster.example' };
    const made = await send('POST', '/v1/tenants/muster/contacts', contact, 'muster/customer_admin');
    expect(made).toMatchObject({ status: 201, body: { ...contact, externalReferences: {} } });
    const page = await send('GET', '/v1/tenants/muster/contacts?limit=1', undefined, 'muster/customer_admin');
    expect(page.body).toMatchObject({ items: [{ name: 'Ina Koch' }], nextCursor: null });
    expect((await send('DELETE', `/v1/tenants/muster/contacts/${made.body.id}`)).status).toBe(204);
    expect((await send('DELETE', path)).status).toBe(204);
  });

  it('of contacts, a requester reads none', async () => {
    const answer = await send('GET', '/v1/tenants/muster/contacts', undefined, 'muster/requester');
    expect(answer).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  });

  it('cannot be tied to another customer’s site', async () => {
    const foreign = await send('POST', '/v1/tenants/nordlicht/sites', { name: 'Kai', timeZone: 'UTC' });
    const contact = { name: 'X', role: 'other', siteId: foreign.body.id };
    expect(await send('POST', '/v1/tenants/muster/contacts', contact)).toMatchObject({
      status: 404,
      body: { code: 'site.not_found' },
    });
  });

  it('let a role be granted for a group, whoever joins it', async () => {
    const group = await send('POST', '/v1/tenant-groups', { name: 'Nord', members: ['nordlicht'] });
    expect(group).toMatchObject({ status: 201, body: { members: ['nordlicht'], version: 1 } });
    const path = `/v1/tenant-groups/${group.body.id}`;
    const more = { name: 'Nord', members: ['nordlicht', 'muster'], version: 1 };
    expect((await send('PUT', path, more)).body).toMatchObject({ members: ['muster', 'nordlicht'], version: 2 });
    const { rows } = await sql<{ tenants: string[] }>`
      SELECT tenants_covered('msp', 'group', ${group.body.id}) AS tenants`.execute(fixture.database.admin);
    expect(rows[0]!.tenants).toEqual(['muster', 'nordlicht']);
    expect((await send('DELETE', path)).status).toBe(204);
  });

  it('shows a customer’s people their own customer only', async () => {
    const { body } = await send('GET', '/v1/tenants', undefined, 'muster/requester');
    expect(body.items.map((one: { id: string }) => one.id)).toEqual(['muster']);
  });
});
