import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { startApi, type RunningApi } from '../../../apps/api/create-api.js';
import { openDatabase } from '#libs/platform/database';
import { openKeyRing, SecretMissing, StoredSecrets } from '#libs/platform/secrets';
import { callApi, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { holdersOf, wholeDatabase } from '../../support/secret-search.js';

let fixture: ApiFixture;
let api: RunningApi;
const masterKeys = testMasterKeys();
const log: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  fixture = await startApiFixture();
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const database = { url: fixture.database.urlFor('api'), poolSize: 5 };
  const http = { host: '127.0.0.1', port: 0, bodyLimitBytes: 65_536 };
  const kafka = { brokers: [], prefix: 'test.' };
  api = await startApi(
    {
      database,
      http,
      kafka,
      signingKeyFile: null,
      secretsFile: null,
      publicUrl: 'http://127.0.0.1:1',
      masterKeys,
      cores: 24,
    },
    { logger },
  );
});
afterAll(async () => {
  await api?.stop();
  await fixture?.stop();
});

async function call(method: string, path: string, as: Who, body?: unknown, tenant = 'muster') {
  const headers = { authorization: `Bearer ${fixture.keyOf(as)}`, 'stellwerk-tenant': tenant };
  const answer = await callApi(api.url, method, path, { headers, ...(body === undefined ? {} : { body }) });
  answers.push(answer.text);
  return answer;
}

const PLANTED = 'Geheim,das-nirgends-stehen-darf "42"';

describe('a secret', () => {
  it('is set, told of by name, used, replaced and removed', async () => {
    const set = await call('PUT', '/v1/secrets/ldap-bind', 'muster/customer_admin', { value: PLANTED });
    expect(set).toMatchObject({
      status: 200,
      body: { tenant: 'muster', name: 'ldap-bind', version: 1, setBy: 'customer_admin@muster', lastUsedAt: null },
    });
    const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test');
    const source = new StoredSecrets(worker, openKeyRing(masterKeys), null);
    const use = { runId: '01975d1c-7a00-7000-8000-000000000001', stepId: 'disable_sign_in', attempt: 1 };
    expect(await source.resolve('muster', 'secret://ldap-bind', use)).toBe(PLANTED);
    const listed = await call('GET', '/v1/secrets?tenant=muster', 'msp/operator');
    expect(listed.body.items).toEqual([{ ...set.body, lastUsedAt: expect.any(String) }]);
    expect(await call('PUT', '/v1/secrets/ldap-bind', 'msp/operator', { value: `${PLANTED}, neu` })).toMatchObject({
      body: { version: 2, setBy: 'operator@msp', lastUsedAt: null },
    });
    expect(await source.resolve('muster', 'secret://ldap-bind')).toBe(`${PLANTED}, neu`);
    expect((await call('DELETE', '/v1/secrets/ldap-bind', 'msp/owner')).status).toBe(204);
    expect((await call('DELETE', '/v1/secrets/ldap-bind', 'msp/owner')).status).toBe(404);
    await expect(source.resolve('muster', 'secret://ldap-bind')).rejects.toThrow(SecretMissing);
    await worker.destroy();
  });

  it('stands in no answer, log line, audit entry, event or row, whatever was wrong with the call that brought it', async () => {
    const put = (body: unknown) => call('PUT', '/v1/secrets/planted', 'msp/operator', body);
    await put({ value: PLANTED });
    await put({ value: `${PLANTED}\0` });
    await put({ value: PLANTED, [PLANTED]: 1 });
    await put({ values: PLANTED });
    await put(PLANTED);
    await call('PUT', '/v1/secrets/planted', 'msp/technician', { value: PLANTED });
    const raw = `{"value": "${PLANTED}`;
    const headers = { authorization: `Bearer ${fixture.keyOf('msp/operator')}`, 'stellwerk-tenant': 'muster' };
    const broken = await callApi(api.url, 'PUT', '/v1/secrets/planted', { raw, headers });
    expect(broken.status).toBe(400);
    const texts = { ...(await wholeDatabase(fixture.database.admin)), log: log.join('\n') };
    expect(holdersOf([PLANTED], { ...texts, broken: broken.text })).toEqual([]);
    // an unknown field is named back to whoever sent it, and nowhere else
    const others = answers.filter((text) => !text.includes('unknown_field'));
    expect(holdersOf([PLANTED], { answers: others.join('\n') })).toEqual([]);
  });

  it('of one customer is not told of to another, nor set by it', async () => {
    await call('PUT', '/v1/secrets/only-muster', 'msp/operator', { value: PLANTED });
    const seen = await call('GET', '/v1/secrets', 'nordlicht/customer_admin', undefined, 'nordlicht');
    expect(seen).toMatchObject({ status: 200, body: { items: [] } });
    expect((await call('PUT', '/v1/secrets/x', 'nordlicht/customer_admin', { value: 'x' })).status).toBe(404);
    expect((await call('DELETE', '/v1/secrets/only-muster', 'nordlicht/customer_admin')).status).toBe(404);
    expect((await call('GET', '/v1/secrets', 'muster/requester')).status).toBe(403);
  });

  it('is listed in pages, by customer and name', async () => {
    for (const name of ['a', 'b', 'c'])
      await call('PUT', `/v1/secrets/${name}`, 'msp/owner', { value: 'v' }, 'nordlicht');
    const first = await call('GET', '/v1/secrets?tenant=nordlicht&limit=2', 'msp/owner');
    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    const rest = await call('GET', `/v1/secrets?tenant=nordlicht&cursor=${first.body.nextCursor}`, 'msp/owner');
    expect(rest.body).toMatchObject({ items: [{ name: 'c' }], nextCursor: null });
  });

  it('that was set or removed is on record, with versions only', async () => {
    const { rows } = await sql<{ action: string; actor: string; before: unknown; after: unknown }>`
      SELECT action, actor, before, after FROM audit_entries
      WHERE tenant_id = 'muster' AND object_id = 'ldap-bind' AND action <> 'secret.used' ORDER BY at`.execute(
      fixture.database.admin,
    );
    expect(rows).toEqual([
      { action: 'secret.set', actor: 'customer_admin@muster', before: null, after: { version: 1 } },
      { action: 'secret.set', actor: 'operator@msp', before: null, after: { version: 2 } },
      { action: 'secret.removed', actor: 'owner@msp', before: { version: 2 }, after: null },
    ]);
  });
});
