import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { offboardingSubmitted } from '#libs/events';
import { isDatabaseUnavailable, openDatabase, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import { OutboxHint } from '#libs/platform/outbox';
import { AcceptRequests, NoStepSelected, type Accepted, type DrawRequest } from '#libs/requests';
import { goLive } from '../../support/api/tenancy.factory.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

let database: TestDatabase;
let asApi: Database;
let accepting: AcceptRequests;
const hints: OutboxHint[] = [];

const acceptingOn = (pool: Database): AcceptRequests => {
  const hint = new OutboxHint(pool);
  hints.push(hint);
  return new AcceptRequests(pool, hint);
};

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['muster', 'nordlicht'])
    await database.admin
      .insertInto('tenants')
      .values({ id, kind: 'customer', name: id, time_zone: 'Europe/Berlin' })
      .execute();
  for (const id of ['muster', 'nordlicht']) await goLive(database.admin, id);
  asApi = openDatabase({ url: database.urlFor('api'), poolSize: 4 }, 'test');
  accepting = acceptingOn(asApi);
});
afterAll(async () => {
  for (const hint of hints) hint.stop();
  await asApi.destroy();
  await database.drop();
});

const REQUESTER = { subject: 'requester@muster', decides: false, confirmsFor: [] };

const callOf = (key: string = randomUUID(), body = key, tenant = 'muster'): CallKey => ({
  tenant,
  caller: 'caller',
  key,
  fingerprint: createHash('sha256').update(body).digest(),
});

/** Draws an off-boarding, as its process does. */
const leaver =
  (user = 'eva.beck'): DrawRequest =>
  ({ at }) => ({
    subject: user,
    body: {
      type: 'offboarding',
      user,
      lastWorkingAt: at.toISOString(),
      startsAt: at.toISOString(),
      steps: ['disable_sign_in'],
      reference: null,
      notify: null,
    },
    submitted: offboardingSubmitted,
    templateVersion: null,
  });
const refusing: DrawRequest = () => {
  throw new NoStepSelected('Select one.');
};

const accept = (call: CallKey, draw = leaver(), by = accepting): Promise<Accepted> =>
  by.accept(call, REQUESTER, 'offboarding', draw);

/** Code of the error that a call ended with, or its answer. */
const settled = async (all: readonly Promise<Accepted>[]): Promise<(Accepted | string)[]> =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled' ? one.value : ((one.reason as { code?: string }).code ?? String(one.reason)),
  );

describe('requests that arrive together', () => {
  it('share transactions, and each has its request, its event and its kept answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => accept(callOf(), leaver(`user${index}`))),
    );
    const ids = answers.map(({ id }) => id);
    const { rows } = await sql<{ id: string; subject: string; transaction: string }>`
      SELECT r.id, r.subject, r.xmin::text AS transaction FROM requests r
      JOIN outbox o ON o.tenant_id = r.tenant_id AND o.event_id = r.submitted_event_id AND o.sequence = 1
        AND o.headers ->> 'ce_sequence' = '1' AND convert_from(o.value, 'UTF8')::jsonb = jsonb_build_object('requestId', r.id)
      JOIN idempotency_keys k ON k.tenant_id = r.tenant_id AND k.answer ->> 'id' = r.id::text
      WHERE r.id = ANY (${ids}::uuid[])`.execute(database.admin);
    expect(rows).toHaveLength(40);
    const subjects = new Map(rows.map((row) => [row.id, row.subject]));
    expect(ids.map((id) => subjects.get(id))).toEqual(ids.map((_, index) => `user${index}`));
    expect(new Set(rows.map((row) => row.transaction)).size).toBeLessThan(5);
  });

  it('of several customers are kept apart', async () => {
    const calls = ['muster', 'nordlicht', 'muster'].map((tenant) => callOf(randomUUID(), 'body', tenant));
    const ids = (await Promise.all(calls.map((call) => accept(call)))).map(({ id }) => id);
    const rows = await database.admin
      .selectFrom('requests')
      .select(['id', 'tenant_id'])
      .where('id', 'in', ids)
      .execute();
    const tenants = new Map(rows.map((row) => [row.id, row.tenant_id]));
    expect(ids.map((id) => tenants.get(id))).toEqual(['muster', 'nordlicht', 'muster']);
  });

  it('give one answer to one key, and refuse the key with another body', async () => {
    const key = randomUUID();
    const calls = [callOf(key, 'one'), callOf(key, 'one'), callOf(), callOf(key, 'two')];
    const [first, second, other, third] = await settled(calls.map((call) => accept(call)));
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(third).toBe('idempotency.key_reused');
    expect(await accept(callOf(key, 'one'))).toEqual(first);
  });

  it('do not fail for one that its process refuses, and its key is not used up', async () => {
    const key = randomUUID();
    const [, refused] = await settled([accept(callOf()), accept(callOf(key), refusing), accept(callOf())]);
    expect(refused).toBe('request.no_step_selected');
    expect(await accept(callOf(key))).toMatchObject({ status: 'planning' });
  });

  it('hand a key over within one trip when its first call was refused', async () => {
    const key = randomUUID();
    const [refused, next] = await settled([accept(callOf(key), refusing), accept(callOf(key))]);
    expect(refused).toBe('request.no_step_selected');
    expect(next).toMatchObject({ status: 'planning' });
  });

  it('do not fail for one that the database refuses', async () => {
    const unstorable = leaver('nul\u0000');
    const replies = await settled([accept(callOf()), accept(callOf(), unstorable), accept(callOf())]);
    expect(replies.map((reply) => typeof reply)).toEqual(['object', 'string', 'object']);
    expect(replies[1]).toBe('22P05');
  });

  it('do not wait for one whose key is held by another instance', async () => {
    const held = callOf();
    const name = JSON.stringify(['idempotency', held.tenant, held.caller, held.key]);
    const [other, blocked] = await database.admin.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx);
      return settled([accept(callOf()), accept(held)]);
    });
    expect(other).toMatchObject({ status: 'planning' });
    expect(blocked).toBe('idempotency.in_progress');
    expect(await accept(held)).toMatchObject({ status: 'planning' });
  });

  it('are each told when PostgreSQL goes away in the middle, and are accepted once when sent again', async () => {
    const { hostname, port } = new URL(database.adminUrl);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = new URL(database.urlFor('api'));
    url.port = String(proxy.port);
    const pool = openDatabase({ url: url.href, poolSize: 2 }, 'test');
    const cutOff = acceptingOn(pool);
    const cutting: DrawRequest = (known) => {
      void proxy.cut();
      return leaver()(known);
    };
    const calls = [callOf(), callOf(), callOf()];
    const lost = await Promise.allSettled(
      calls.map((call, index) => accept(call, index === 1 ? cutting : leaver(), cutOff)),
    );
    expect(lost.every((one) => one.status === 'rejected' && isDatabaseUnavailable(one.reason))).toBe(true);
    await proxy.restore();
    const again = await settled(calls.map((call) => accept(call, leaver(), cutOff)));
    expect(new Set(again.map((answer) => (answer as Accepted).id)).size).toBe(3);
    await pool.destroy();
    await proxy.stop();
  });
});
