import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type Effect } from '#libs/kernel';
import { sql } from 'kysely';
import { json, openDatabase, type Database } from '#libs/platform/database';
import { readRunSheet, StepWrites } from '#libs/process';
import { RequestFactory } from '../../support/api/request.factory.js';
import { goLive } from '../../support/api/tenancy.factory.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let asWorker: Database;
let writes: StepWrites;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['muster', 'nordlicht'])
    await database.admin
      .insertInto('tenants')
      .values({ id, kind: 'customer', name: id, time_zone: 'Europe/Berlin' })
      .execute();
  for (const id of ['muster', 'nordlicht']) await goLive(database.admin, id);
  asWorker = openDatabase({ url: database.urlFor('worker'), poolSize: 4 }, 'test');
  writes = new StepWrites(asWorker);
});
afterAll(async () => {
  await asWorker.destroy();
  await database.drop();
});

/** A run with one step that has not begun; gives the run's id. */
const runWithStep = async (tenant = 'muster'): Promise<string> => {
  const { runId } = await RequestFactory.of(tenant).withRun('running').in(database.admin);
  await database.admin
    .insertInto('run_steps')
    .values({
      tenant_id: tenant,
      run_id: runId,
      step_id: 'disable_sign_in',
      position: 0,
      title: 'Disable sign-in',
      block: 'ldap.user.disable',
      verb: 'apply',
      system: 'directory',
      status: 'pending',
    })
    .execute();
  return runId;
};

const imageOf = (value: string): Effect => ({
  identity: null,
  changes: [{ target: 'uid=eva', field: 'locked', before: value, after: 'yes' }],
  notes: [],
  kept: [],
  irreversible: null,
});
const begin = (run: string, value = 'no', tenant = 'muster'): Promise<string> =>
  writes.write(tenant, { run, step: 'disable_sign_in', does: 'begin', who: 'stellwerk', image: imageOf(value) });
const end = (run: string): Promise<string> => {
  const ending = {
    who: 'stellwerk',
    outcome: 'succeeded',
    after: imageOf('yes'),
    evidence: null,
    problem: null,
    seconds: 0.1,
    counted: true,
    line: { title: 'Disable sign-in', outcome: 'succeeded' },
  };
  const key = `muster/run/${run}`;
  const event = { tenant: 'muster', id: newId(), shard: 1, topic: 'stellwerk.run.v1', key, headers: {}, value: '{}' };
  return writes.write('muster', { run, step: 'disable_sign_in', does: 'end', ending, event });
};
const settled = async (all: readonly Promise<string>[]): Promise<string[]> =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled' ? one.value : String((one.reason as { code?: string }).code),
  );
const rowsOf = async (runs: readonly string[]) => {
  const { rows } = await sql<{
    run_id: string;
    status: string;
    attempt: number;
    before_image: Effect;
    transaction: string;
  }>`
    SELECT run_id, status, attempt, before_image, xmin::text AS transaction FROM run_steps
    WHERE run_id = ANY (${runs}::uuid[])`.execute(database.admin);
  return rows;
};

describe('a step that wrote to a system', () => {
  it('is on record by the engine, for whoever approved or else asked, in the transaction that ends it', async () => {
    const run = await runWithStep();
    await begin(run);
    await end(run);
    const entries = await database.admin
      .selectFrom('audit_entries')
      .selectAll()
      .where('object_id', '=', `${run}/disable_sign_in`)
      .execute();
    const { request_id } = await database.admin
      .selectFrom('runs')
      .select('request_id')
      .where('id', '=', run)
      .executeTakeFirstOrThrow();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      ...{ action: 'step.succeeded', outcome: 'done', actor: 'stellwerk', origin: 'requester@muster', request_id },
      after: {
        run,
        step: 'disable_sign_in',
        system: 'directory',
        block: 'ldap.user.disable',
        verb: 'apply',
        attempt: 1,
      },
    });
  });
});

describe('steps of several runs', () => {
  it('that begin and end at the same moment share transactions, and each has its row, its history and its event', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => runWithStep()));
    expect(await Promise.all(runs.map((run, index) => begin(run, `before ${index}`)))).toEqual(runs.map(() => 'begun'));
    const begun = await rowsOf(runs);
    expect(new Set(begun.map((row) => row.transaction)).size).toBeLessThan(runs.length);
    const images = new Map(begun.map((row) => [row.run_id, row.before_image.changes[0]!.before]));
    expect(runs.map((run) => images.get(run))).toEqual(runs.map((_, index) => `before ${index}`));
    expect(await Promise.all(runs.map(end))).toEqual(runs.map(() => 'succeeded'));
    expect((await rowsOf(runs)).map((row) => [row.status, row.attempt])).toEqual(runs.map(() => ['ended', 1]));
    const { rows: lines } = await historyOf(runs);
    expect(lines).toEqual(
      [...runs].sort().map((run) => ({ run, kinds: ['before_image_recorded', 'step_ended'], events: 1 })),
    );
  });

  it('do not fail for one that cannot be stored', async () => {
    const runs = await Promise.all([runWithStep(), runWithStep(), runWithStep()]);
    const answers = await settled(runs.map((run, index) => begin(run, index === 1 ? 'nul\u0000' : 'no')));
    expect(answers).toEqual(['begun', '22P05', 'begun']);
    const status = new Map((await rowsOf(runs)).map((row) => [row.run_id, row.status]));
    expect(runs.map((run) => status.get(run))).toEqual(['running', 'pending', 'running']);
  });

  it('of several customers are kept apart', async () => {
    const ours = await runWithStep();
    const theirs = await runWithStep('nordlicht');
    expect(await settled([begin(ours), begin(theirs, 'no', 'nordlicht')])).toEqual(['begun', 'begun']);
    // a run of somebody else is not there
    expect(await settled([begin(theirs)])).toEqual(['P0002']);
  });
});

describe('a run sheet', () => {
  it('holds the plan, the steps and the customer’s own systems', async () => {
    const run = await runWithStep();
    for (const tenant of ['muster', 'nordlicht'])
      await database.admin
        .insertInto('systems')
        .values({ tenant_id: tenant, name: 'directory', kind: 'ldap', config: json({ url: tenant }), secret_ref: null })
        .execute();
    await begin(run, 'no');
    const sheet = await readRunSheet(asWorker, 'muster', run);
    expect([...sheet.systems.values()]).toEqual([
      { tenant: 'muster', name: 'directory', kind: 'ldap', config: { url: 'muster' }, secretRef: null },
    ]);
    expect(sheet.rows.get('disable_sign_in')).toMatchObject({
      status: 'running',
      attempt: 1,
      before_image: imageOf('no'),
    });
    expect(sheet.plan).toMatchObject({ steps: expect.any(Array) });
    await expect(readRunSheet(asWorker, 'nordlicht', run)).rejects.toThrow('There is no run');
  });
});

function historyOf(runs: readonly string[]) {
  return sql<{ run: string; kinds: string[]; events: number }>`
    SELECT run_id::text AS run, array_agg(kind ORDER BY seq) AS kinds,
      (SELECT count(*)::int FROM outbox o WHERE o.key = 'muster/run/' || run_id) AS events
    FROM run_timeline WHERE run_id = ANY (${runs}::uuid[]) GROUP BY run_id ORDER BY run_id`.execute(database.admin);
}
