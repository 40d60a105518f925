import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { largestLease, markOf, usualLimits } from '#libs/platform/limits';
import type { RunningApi } from '../../../apps/api/create-api.js';
import {
  callApi,
  CORES,
  startApiFixture,
  type ApiAnswer,
  type ApiFixture,
  type Who,
} from '../../support/api/api-fixture.js';
import { eventually } from '../../support/eventually.js';
import { NO_ID } from './bad-input/row.js';
import { scannedRoutes } from './scan/routes.js';

let fixture: ApiFixture;
let second: RunningApi;
/** Believes what 127.0.0.1 says of where a call comes from. */
let behindProxy: RunningApi;

beforeAll(async () => {
  fixture = await startApiFixture();
  const url = fixture.database.urlFor('api');
  second = await fixture.startAnother(url);
  behindProxy = await fixture.startAnother(url, { trustedProxies: ['127.0.0.1'] });
});
afterAll(() => fixture?.stop());
afterEach(() => fixture.database.admin.deleteFrom('tenant_limits').execute());

interface Set {
  readonly name: string;
  readonly perSecond?: number;
  readonly most: number;
}

function setLimits(tenant: string, limits: readonly Set[]): Promise<ApiAnswer> {
  return fixture.call('PUT', '/v1/limits', {
    as: 'msp/owner',
    headers: { 'stellwerk-tenant': tenant },
    body: { limits },
  });
}

/** Empty buckets from before would make the figures smaller: every test has callers of its own. */
async function anotherKey(who: Who): Promise<string> {
  const { hashOfApiKey, newApiKey } = await import('#libs/platform/access');
  const [tenant, role] = who.split('/') as [string, string];
  const key = newApiKey();
  const row = {
    tenant_id: tenant,
    id: newId(),
    role,
    subject: `${randomUUID()}@${tenant}`,
    name: 'test',
    key_hash: hashOfApiKey(key),
  };
  await fixture.database.admin.insertInto('api_keys').values(row).execute();
  return key;
}

const read = (api: RunningApi, key: string): Promise<ApiAnswer> =>
  callApi(api.url, 'GET', '/v1/runs?limit=1', { headers: { authorization: `Bearer ${key}` } });

/** Calls by turns, so many at once; gives the answers and how long it took in seconds. */
async function flood(calls: number, call: (n: number) => Promise<ApiAnswer>) {
  const begun = performance.now();
  const answers: ApiAnswer[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls) answers.push(await call(next++));
  };
  await Promise.all(Array.from({ length: 12 }, lane));
  return { answers, seconds: (performance.now() - begun) / 1_000 };
}

const through = (answers: readonly ApiAnswer[]): number => answers.filter(({ status }) => status === 200).length;

describe('a flood', () => {
  it('of one key over two instances gets no more than its limit', async () => {
    const limit = { perSecond: 5, most: 40 };
    expect((await setLimits('muster', [{ name: 'read.key', ...limit }])).status).toBe(200);
    const key = await anotherKey('muster/auditor');
    const { answers, seconds } = await flood(200, (n) => read(n % 2 === 0 ? fixture.api : second, key));
    expect(through(answers)).toBeGreaterThanOrEqual(40 - 2 * largestLease(limit));
    expect(through(answers)).toBeLessThanOrEqual(40 + 5 * seconds + 2 * largestLease(limit));
    const refused = answers.find(({ status }) => status !== 200)!;
    expect(refused).toMatchObject({ status: 429, body: { code: 'limits.rate_exceeded', status: 429 } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('ratelimit')).toMatch(/^"read\.key";r=0;t=\d+$/);
    expect(refused.headers.get('ratelimit-policy')).toContain('"read.key";q=40;w=8');
  });

  it('of many keys of a customer gets no more than the customer’s limit, and no other customer notices', async () => {
    const most = 60;
    const each = { perSecond: 1, most: 50 };
    await setLimits('nordlicht', [
      { name: 'read.key', ...each },
      { name: 'read.person', ...each },
      { name: 'read.tenant', perSecond: 1, most },
    ]);
    const keys = await Promise.all(Array.from({ length: 6 }, () => anotherKey('nordlicht/auditor')));
    const neighbour = await anotherKey('muster/auditor');
    const neighbours: ApiAnswer[] = [];
    const { answers, seconds } = await flood(180, async (n) => {
      if (n % 10 === 0) neighbours.push(await read(second, neighbour));
      return read(n % 2 === 0 ? fixture.api : second, keys[n % 6]!);
    });
    expect(through(answers)).toBeLessThanOrEqual(most + seconds + 2);
    expect(through(answers)).toBeGreaterThanOrEqual(most - 2);
    expect(through(neighbours)).toBe(neighbours.length);
  });

  it('of the largest pages gets as many rows as one of usual pages', async () => {
    const limit = { perSecond: 0.1, most: 40 };
    await setLimits('muster', [{ name: 'read.key', ...limit }]);
    const key = await anotherKey('muster/auditor');
    const page = (limit: number): Promise<ApiAnswer> =>
      callApi(fixture.api.url, 'GET', `/v1/runs?limit=${limit}`, { headers: { authorization: `Bearer ${key}` } });
    const { answers, seconds } = await flood(30, () => page(200));
    // 40 tokens are ten pages of four; the last may owe three
    expect(through(answers)).toBeLessThanOrEqual((40 + 0.1 * seconds + 3) / 4);
    expect(through(answers)).toBeGreaterThanOrEqual(8);
  });

  it('is answered slowly once it was refused, so that it calls less often', async () => {
    await setLimits('muster', [{ name: 'read.key', perSecond: 0.1, most: 1 }]);
    const key = await anotherKey('muster/auditor');
    await flood(2, () => read(fixture.api, key));
    const { answers, seconds } = await flood(36, () => read(fixture.api, key));
    expect(answers.every(({ status }) => status === 429)).toBe(true);
    // three rounds of twelve at once, each a tenth of a second
    expect(seconds).toBeGreaterThanOrEqual(0.3);
  });

  it('does not keep the MSP from working for that customer', async () => {
    await setLimits('nordlicht', [
      { name: 'read.key', perSecond: 0.1, most: 1 },
      { name: 'read.person', perSecond: 0.1, most: 1 },
      { name: 'read.tenant', perSecond: 0.1, most: 1 },
    ]);
    const theirs = await anotherKey('nordlicht/auditor');
    await read(fixture.api, theirs);
    expect((await read(fixture.api, theirs)).status).toBe(429);
    expect((await fixture.call('GET', '/v1/runs?tenant=nordlicht', { as: 'msp/operator' })).status).toBe(200);
  });
});

/** What is worth a hundred reads: exports, imports, erasures, records, certificates, counts. */
const LOOKS_EXPENSIVE = /export|import|erase|certificate|processingRecord|audit|listRetention/i;
/** Named like them, and cheap. */
const CHEAP = [
  ...['listTenantExports', 'getTenantExport', 'releaseTenantExport', 'listAudit'],
  // drawn before, and read from where they are kept
  ...['listKeptCertificates', 'getKeptCertificate', 'getKeptCertificateSignature'],
];
const routes = await scannedRoutes();
const expensive = routes.filter(({ operationId: id }) => LOOKS_EXPENSIVE.test(id) && !CHEAP.includes(id));

describe('an expensive call', () => {
  const policyOf = async (method: string, path: string): Promise<string> => {
    const address = path.replace('{tenant}', 'muster').replaceAll(/\{[^}]+\}/g, NO_ID);
    const headers = { 'idempotency-key': randomUUID() };
    const body = method === 'GET' ? undefined : {};
    const answer = await fixture.call(method, address, { as: 'muster/customer_admin', headers, body });
    return answer.headers.get('ratelimit-policy') ?? '';
  };

  it.each(expensive.map(({ operationId, method, path }) => [operationId, method, path]))(
    'cannot be repeated as often as a cheap one: %s',
    async (_id, method, path) => {
      expect(await policyOf(method, path)).toMatch(/^"expensive\.key".*"expensive\.person".*"expensive\.tenant"/);
    },
  );

  it('is one of these few', async () => {
    expect(expensive.length).toBe(13);
    for (const { method, path } of routes.filter(({ operationId }) => CHEAP.includes(operationId)))
      expect(await policyOf(method, path)).toMatch(/^"(read|write)\.key"/);
  });

  it('of a stranger has a limit of its own: the description of the API', async () => {
    const { headers } = await fixture.call('GET', '/openapi.json');
    expect(headers.get('ratelimit-policy')).toBe('"expensive.address";q=60;w=12');
  });
});

describe('calls under way', () => {
  it('are no more than a key’s limit over two instances, and end with their answers', async () => {
    await setLimits('muster', [{ name: 'under_way.key', most: 3 }]);
    const key = await anotherKey('muster/auditor');
    const { admin } = fixture.database;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const lock = admin.transaction().execute(async (tx) => {
      await sql`LOCK TABLE runs IN ACCESS EXCLUSIVE MODE`.execute(tx);
      await held;
    });
    const done: ApiAnswer[] = [];
    const calls = Array.from({ length: 8 }, (_, n) =>
      read(n % 2 === 0 ? fixture.api : second, key).then((answer) => done.push(answer)),
    );
    try {
      await eventually('all but three are answered', () => Promise.resolve(done.length >= 5));
      const codes = done.map(({ body }) => body.code);
      expect(codes).toEqual(Array.from({ length: 5 }, () => 'limits.concurrency_exceeded'));
    } finally {
      release();
      await Promise.all([lock, ...calls]);
    }
    expect(through(done)).toBe(3);
    await eventually('there is a place again', async () => (await read(second, key)).status === 200);
  });

  it('of an instance that died come free by themselves', async () => {
    const id = newId();
    const slots = { tenant_id: 'muster', name: 'under_way.key', ref: id, instance: newId(), slots: 60 };
    const insert = (expires: string) =>
      fixture.database.admin
        .insertInto('limit_slots')
        .values({ ...slots, expires_at: sql<Date>`now() + ${expires}::interval` })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'name', 'ref', 'instance'])
            .doUpdateSet({ expires_at: sql<Date>`now() + ${expires}::interval` }),
        )
        .execute();
    const ask = async (): Promise<number> => {
      const asks = JSON.stringify([{ n: 0, tenant: 'muster', name: 'under_way.key', ref: id, want: 5, most: 60 }]);
      const { rows } = await sql<{
        granted: number;
      }>`SELECT granted FROM lease_slots(${newId()}::uuid, 10, ${asks}::jsonb)`.execute(fixture.database.admin);
      return rows[0]!.granted;
    };
    await insert('1 minute');
    expect(await ask()).toBe(0);
    await insert('-1 second');
    expect(await ask()).toBe(5);
  });
});

describe('hanging up', () => {
  it('at once, again and again, leaves nobody’s place taken', async () => {
    await setLimits('muster', [
      { name: 'under_way.key', most: 6 },
      { name: 'under_way.tenant', most: 12 },
    ]);
    const keys = await Promise.all([anotherKey('muster/auditor'), anotherKey('muster/auditor')]);
    for (let call = 0; call < 60; call += 1) await hangUp(keys[call % 2]!, call % 3);
    const slotsTaken = async (): Promise<ApiAnswer> => read(fixture.api, await anotherKey('muster/auditor'));
    await eventually('a key that did nothing is let in', async () => (await slotsTaken()).status === 200, 8);
    const together = await flood(6, () => read(fixture.api, keys[0]!));
    expect(through(together.answers)).toBe(6);
  });

  function hangUp(key: string, afterMs: number): Promise<void> {
    const { hostname, port } = new URL(fixture.api.url);
    const call = `GET /v1/runs?limit=1 HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${key}\r\n\r\n`;
    return new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.once('error', () => resolve());
      socket.once('connect', () =>
        socket.write(call, () =>
          setTimeout(() => {
            socket.resetAndDestroy();
            resolve();
          }, afterMs),
        ),
      );
    });
  }
});

describe('guessing keys', () => {
  const guess = (api: RunningApi, address: string, key = `swk_${'x'.repeat(43)}`): Promise<ApiAnswer> =>
    callApi(api.url, 'GET', '/v1/runs', { headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': address } });

  it('shuts the address out for a while, not those who are known there, nor anybody else', async () => {
    const known = fixture.keyOf('muster/auditor');
    await guess(behindProxy, '198.51.100.7');
    expect((await guess(behindProxy, '198.51.100.7', known)).status).toBe(200);
    const { answers, seconds } = await flood(90, () => guess(behindProxy, '198.51.100.7'));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(70 + 2 * seconds);
    // one more is earned every half second, maybe just now
    await eventually(
      'it is shut out',
      async () => (await guess(behindProxy, '198.51.100.7')).body.code === 'limits.rate_exceeded',
    );
    expect((await guess(behindProxy, '198.51.100.7', known)).status).toBe(200);
    expect((await guess(behindProxy, '203.0.113.9')).status).toBe(401);
  });

  it('under changing forged addresses counts as the one it is, unless a proxy of ours says so', async () => {
    const { answers } = await flood(140, (n) => guess(second, `192.0.2.${n}`));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(40);
  });
});

describe('the limits of a tenant', () => {
  it('are shown, set by an owner, put on record, and as usual for what is left out', async () => {
    const answer = await setLimits('muster', [{ name: 'under_way.key', most: 7 }]);
    expect(answer.body).toMatchObject({ tenant: 'muster', setBy: 'owner@msp' });
    const list = await fixture.call('GET', '/v1/limits?tenant=muster', { as: 'muster/customer_admin' });
    expect(list.body.items[0].limits).toEqual(
      expect.arrayContaining([
        { name: 'under_way.key', perSecond: null, most: 7, own: true },
        { name: 'read.key', ...usualLimits(CORES).rates['read.key'], own: false },
      ]),
    );
    const { rows } = await sql<{ after: unknown }>`
      SELECT after FROM audit_entries WHERE tenant_id = 'muster' AND action = 'limits.changed' ORDER BY at DESC LIMIT 1`.execute(
      fixture.database.admin,
    );
    expect(rows[0]!.after).toEqual({ 'under_way.key': { perSecond: null, most: 7 } });
  });

  it('are counted by digests: no name, address or key stands in the tables', async () => {
    await fixture.call('GET', '/v1/runs', { as: 'muster/approver' });
    const { rows } = await sql<{ row: string }>`SELECT to_jsonb(b)::text AS row FROM limit_buckets b`.execute(
      fixture.database.admin,
    );
    const text = rows.map(({ row }) => row).join('\n');
    expect(text).toContain(markOf('subject', 'approver@muster'));
    expect(text).not.toMatch(/@muster|127\.0\.0\.1|swk_/);
  });
});
