import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { newApiKey } from '#libs/platform/access';
import { eventually } from '../../support/eventually.js';
import { callApi, CORES, fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { startApi, type RunningApi } from '../../../apps/api/create-api.js';

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

  it('of a key that has expired is on record', async () => {
    await fixture.database.admin
      .updateTable('api_keys')
      .set({ expires_at: new Date(0) })
      .where('subject', '=', 'auditor@nordlicht')
      .execute();
    expect((await fixture.call('GET', '/v1/runs', { as: 'nordlicht/auditor' })).status).toBe(401);
    expect(await recorded('auditor@nordlicht')).toMatchObject([{ object: 'sign_in', code: 'auth.key_invalid' }]);
  });

  it('of a key that was revoked is on record with whom it was taken from, and answered like one that nobody has', async () => {
    await fixture.database.admin
      .updateTable('api_keys')
      .set({ revoked_at: new Date(0) })
      .where('subject', '=', 'auditor@muster')
      .execute();
    const revoked = await fixture.call('GET', '/v1/runs', { as: 'muster/auditor' });
    const unknown = await fixture.call('GET', '/v1/runs', { headers: { authorization: `Bearer ${newApiKey()}` } });
    expect(revoked.status).toBe(401);
    expect(revoked.body).toEqual(unknown.body);
    expect(await recorded('auditor@muster')).toMatchObject([{ tenant: 'muster', object: 'sign_in', count: 1 }]);
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

describe('keys that nobody has', () => {
  const tried = (api: RunningApi, from: string, key = newApiKey()) =>
    callApi(api.url, 'GET', '/v1/runs', { headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': from } });
  const behindProxy = () => fixture.startAnother(fixture.database.urlFor('api'), { trustedProxies: ['127.0.0.1'] });
  const recordedSince = async (before: number) => (await denialsOf('unknown')).slice(before);

  it('tried by the dozen add one entry with the MSP: where from and how many, and no byte of a key', async () => {
    const before = (await denialsOf('unknown')).length;
    const api = await behindProxy();
    const keys = Array.from({ length: 12 }, () => newApiKey());
    const neighbours = (place: number) => `2001:db8:0:7::${place.toString(16)}`;
    for (const [place, key] of keys.entries()) expect((await tried(api, neighbours(place + 1), key)).status).toBe(401);
    await api.stop();
    const object = '2001:0db8:0000:0007::/64';
    expect(await recordedSince(before)).toEqual([{ tenant: 'msp', object, code: 'auth.key_invalid', count: 12 }]);
    const { rows } = await sql<{ entry: string }>`SELECT e::text AS entry FROM audit_entries e`.execute(
      fixture.database.admin,
    );
    const told = rows.map(({ entry }) => entry).join();
    expect(keys.filter((key) => told.includes(key.slice(-12)))).toEqual([]);
  });

  it('tried from everywhere fill nothing: most networks share an entry', async () => {
    const before = (await denialsOf('unknown')).length;
    const api = await behindProxy();
    for (let place = 1; place <= 30; place++) await tried(api, `192.0.2.${place}`);
    await api.stop();
    const entries = await recordedSince(before);
    expect(entries).toHaveLength(21);
    expect(entries.find(({ object }) => object === 'several')).toMatchObject({ count: 10 });
  });
});

describe('what goes against our checks', () => {
  it('is in the log with its code: input that is refused, doors that are shut, limits that are used up', async () => {
    const log: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
    const settings = {
      http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 1_024 },
      kafka: { brokers: [], prefix: '' },
    };
    const keys = { signingKeyFile: null, secretsFile: null, masterKeys: testMasterKeys() };
    const database = { url: fixture.database.urlFor('api'), poolSize: 4 };
    const place = { publicUrl: 'http://127.0.0.1:1', cores: CORES };
    const api = await startApi({ ...settings, ...keys, ...place, database }, { logger });
    const headers = bearer('nordlicht/approver');
    await callApi(api.url, 'GET', '/v1/runs?limit=0', { headers });
    await callApi(api.url, 'PUT', '/v1/settings', { headers, body: { accountsPerHour: 1 } });
    const guess = () => callApi(api.url, 'GET', '/v1/runs', { headers: { authorization: 'Bearer none-of-ours' } });
    // an address may fail 60 times, and twice more each second
    for (let round = 0; round < 10 && !log.join('').includes('"status":429'); round++)
      await Promise.all(Array.from({ length: 40 }, guess));
    await api.stop();
    const answers = log.map((line) => JSON.parse(line) as { readonly status?: number; readonly code?: string });
    for (const [status, code] of [
      [400, 'http.invalid_query'],
      [403, 'access.denied'],
      [401, 'auth.key_invalid'],
      [429, 'limits.rate_exceeded'],
    ])
      expect(answers).toContainEqual(expect.objectContaining({ status, code }));
  });
});
