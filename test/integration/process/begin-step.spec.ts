import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { endLive, goLive } from '../../support/api/tenancy.factory.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** What `begin_step` and `end_step` answer, whatever the engine believes (design, rule 2). */
const TENANT = 'muster';
let database: TestDatabase;
let asWorker: Database;
let requestId: string;
let runId: string;

const STEPS = [
  { id: 'disable', accessCritical: true },
  { id: 'phone', accessCritical: false },
];

beforeAll(async () => {
  database = await createTestDatabase();
  asWorker = openDatabase({ url: database.urlFor('worker'), poolSize: 2 }, 'test');
  const tenant = { id: TENANT, kind: 'customer' as const, name: TENANT, time_zone: 'Europe/Berlin' };
  await database.admin.insertInto('tenants').values(tenant).execute();
  await goLive(database.admin, TENANT);
});
afterAll(async () => {
  await asWorker.destroy();
  await database.drop();
});

beforeEach(async () => {
  requestId = newId();
  runId = newId();
  const { admin } = database;
  const common = { tenant_id: TENANT, subject: 'jana.keller' };
  const request = { ...common, id: requestId, type: 'offboarding', status: 'running', body: '{}' };
  await admin
    .insertInto('requests')
    .values({ ...request, requested_by: 'requester@muster', submitted_event_id: newId() })
    .execute();
  const run = { ...common, id: runId, process: 'offboarding', workflow_id: `w/${runId}`, request_id: requestId };
  await admin
    .insertInto('runs')
    .values({ ...run, status: 'running', plan: JSON.stringify({ steps: STEPS }) })
    .execute();
  for (const [position, { id }] of STEPS.entries()) {
    const place = { tenant_id: TENANT, run_id: runId, step_id: id, position, status: 'pending' };
    const what = { title: id, block: 'ldap.user.disable', verb: 'apply' as const, system: 'directory' };
    await admin
      .insertInto('run_steps')
      .values({ ...place, ...what })
      .execute();
  }
});

async function begin(step: string): Promise<string> {
  const { rows } = await sql<{ answer: string }>`
    SELECT begin_step(${TENANT}, ${runId}, ${step}, '{"changes": []}', 'stellwerk') AS answer`.execute(asWorker);
  return rows[0]!.answer;
}

async function endUnbegun(step: string): Promise<string> {
  const ending = { who: 'stellwerk', outcome: 'already_in_desired_state', counted: false, line: {} };
  const event = { tenant: TENANT, id: newId(), shard: 0, topic: 't', key: 'k', headers: {}, value: '{}' };
  const { rows } = await sql<{ answer: string }>`
    SELECT end_step(${TENANT}, ${runId}, ${step}, ${JSON.stringify(ending)}, ${JSON.stringify(event)}) AS answer`.execute(
    asWorker,
  );
  return rows[0]!.answer;
}

const change = (set: { halted: 'paused' | 'cancelled' | null }) =>
  database.admin.updateTable('runs').set(set).where('id', '=', runId).execute();
const putOff = (step: string) =>
  sql`UPDATE run_steps SET due_at = now() + interval '1 hour' WHERE run_id = ${runId} AND step_id = ${step}`.execute(
    database.admin,
  );
const orderLockOut = () =>
  database.admin
    .insertInto('acts')
    .values({
      ...{ tenant_id: TENANT, id: newId(), request_id: requestId, run_id: runId, act: 'lock_out' },
      ...{ message: '{"act":"lock_out"}', reason: 'Threats.', given_by: 'operator@msp' },
    })
    .execute();

describe('a step that is to begin', () => {
  it('begins, and once more after a crash', async () => {
    expect([await begin('phone'), await begin('phone')]).toEqual(['begun', 'again']);
  });

  it('is told that its run was paused, or cancelled; one in work goes on', async () => {
    await begin('disable');
    await change({ halted: 'paused' });
    expect([await begin('disable'), await begin('phone'), await endUnbegun('phone')]).toEqual([
      'again',
      'paused',
      'paused',
    ]);
    await change({ halted: 'cancelled' });
    expect([await begin('disable'), await begin('phone')]).toEqual(['again', 'cancelled']);
  });

  it('that a person had tried anew is to begin, though its first try is on record', async () => {
    await begin('phone');
    await sql`UPDATE run_steps SET status = 'pending' WHERE run_id = ${runId}`.execute(database.admin);
    await change({ halted: 'paused' });
    expect(await begin('phone')).toBe('paused');
  });

  it('is not due before its hour, though there be nothing to do', async () => {
    await putOff('phone');
    expect([await begin('phone'), await endUnbegun('phone')]).toEqual(['not_due', 'not_due']);
    expect(await endUnbegun('disable')).toBe('already_in_desired_state');
  });

  it('and locks out waits neither for its hour nor for a resumption once that was ordered; a cancellation stops it', async () => {
    await putOff('disable');
    await putOff('phone');
    await change({ halted: 'paused' });
    expect([await begin('disable'), await begin('phone')]).toEqual(['paused', 'paused']);
    await orderLockOut();
    await change({ halted: 'cancelled' });
    expect(await begin('disable')).toBe('cancelled');
    await change({ halted: 'paused' });
    expect([await begin('phone'), await begin('disable')]).toEqual(['paused', 'begun']);
  });

  it('and has ended says so, whatever else holds', async () => {
    await sql`UPDATE run_steps SET status = 'ended', outcome = 'skipped' WHERE run_id = ${runId}`.execute(
      database.admin,
    );
    await change({ halted: 'paused' });
    expect(await begin('phone')).toBe('ended');
  });
});

describe('a customer without an agreement in force', () => {
  const started = (before: boolean) =>
    sql`UPDATE runs SET started_at = now() + ${before ? '-1 hour' : '1 hour'}::interval WHERE id = ${runId}`.execute(
      database.admin,
    );
  afterEach(() => goLive(database.admin, TENANT));

  it('has nothing begun for it but what locks a leaver out', async () => {
    await endLive(database.admin, TENANT);
    expect([await begin('phone'), await endUnbegun('phone'), await begin('disable')]).toEqual([
      'no_agreement',
      'no_agreement',
      'begun',
    ]);
    // by that the run has begun, which opens nothing else
    await started(false);
    expect(await begin('phone')).toBe('no_agreement');
    await sql`UPDATE runs SET process = 'absence' WHERE id = ${runId}`.execute(database.admin);
    await sql`UPDATE run_steps SET status = 'pending' WHERE run_id = ${runId}`.execute(database.admin);
    expect(await begin('disable')).toBe('no_agreement');
  });

  it('has what began while there was one go on to its end', async () => {
    await started(true);
    await begin('disable');
    await endLive(database.admin, TENANT);
    expect([await begin('disable'), await begin('phone')]).toEqual(['again', 'begun']);
  });
});
