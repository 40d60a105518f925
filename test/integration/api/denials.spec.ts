import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { callApi, fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import type { RunningApi } from '../../../apps/api/create-api.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

interface Denial {
  readonly tenant: string;
  readonly object: string;
  readonly code: string;
  readonly count: number;
}

async function denialsOf(actor: string): Promise<Denial[]> {
  const rows = await fixture.database.admin
    .selectFrom('audit_entries')
    .select(['tenant_id', 'object_id', 'after'])
    .where('action', '=', 'access.denied')
    .where('outcome', '=', 'denied')
    .where('actor', '=', actor)
    .orderBy('id')
    .execute();
  return rows.map(({ tenant_id: tenant, object_id: object, after }) => {
    const { code, count } = after as { code: string; count: number };
    return { tenant, object, code, count };
  });
}

const recorded = (actor: string): Promise<Denial[]> =>
  eventually(`a denial of ${actor}`, async () => {
    const found = await denialsOf(actor);
    return found.length > 0 && found;
  });
const bearer = (who: Who) => ({ authorization: `Bearer ${fixture.keyOf(who)}` });
const decide = (api: RunningApi, who: Who) =>
  callApi(api.url, 'PUT', '/v1/settings', { headers: bearer(who), body: { accountsPerHour: 1 } });

describe('a denial', () => {
  it('by role is on record with who and what for', async () => {
    expect((await decide(fixture.api, 'muster/requester')).status).toBe(403);
    expect(await recorded('requester@muster')).toEqual([
      { tenant: 'muster', object: 'settings.write', code: 'access.denied', count: 1 },
    ]);
  });

  it('because a tenant is none of the caller’s is on record at home, and not there', async () => {
    const headers = { 'stellwerk-tenant': 'nordlicht', ...fresh() };
    const answer = await fixture.call('POST', '/v1/requests', { as: 'muster/customer_admin', headers, body: {} });
    expect(answer.status).toBe(404);
    expect(await recorded('customer_admin@muster')).toMatchObject([{ tenant: 'muster', code: 'tenant.not_found' }]);
  });

  it('of a key that has expired is on record, one of a key that nobody knows is not', async () => {
    await fixture.database.admin
      .updateTable('api_keys')
      .set({ expires_at: new Date(0) })
      .where('subject', '=', 'auditor@nordlicht')
      .execute();
    expect((await fixture.call('GET', '/v1/runs', { as: 'nordlicht/auditor' })).status).toBe(401);
    expect(await recorded('auditor@nordlicht')).toMatchObject([{ object: 'sign_in', code: 'auth.key_invalid' }]);
  });

  it('of what is another tenant’s, or not there, is on record at home: ids that are tried out show', async () => {
    const as = 'nordlicht/customer_admin';
    const runs = ['01975d1c-7a00-7000-8000-00000000dead', '01975d1c-7a00-7000-8000-00000000beef'];
    for (const run of runs) expect((await fixture.call('GET', `/v1/runs/${run}`, { as })).status).toBe(404);
    const [first] = await recorded('customer_admin@nordlicht');
    expect(first).toMatchObject({ tenant: 'nordlicht', object: 'run.read', count: 1 });
  });

  it('does not count what was wrong in itself', async () => {
    const as = 'nordlicht/approver';
    expect((await fixture.call('GET', '/v1/runs?limit=0', { as })).status).toBe(400);
    expect((await fixture.call('GET', '/v1/settings', { as })).status).toBe(403);
    expect(await recorded('approver@nordlicht')).toMatchObject([{ object: 'settings.read' }]);
  });
});

describe('a flood of denials', () => {
  it('fills nothing: the first is written, the others as one with their number', async () => {
    const api = await fixture.startAnother(fixture.database.urlFor('api'));
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({ length: 10 }, () => decide(api, 'nordlicht/requester')));
    await recorded('requester@nordlicht');
    await api.stop();
    const denials = await denialsOf('requester@nordlicht');
    expect(denials.map(({ count }) => count)).toEqual([1, 39]);
  });
});
