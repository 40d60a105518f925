import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { pino } from 'pino';
import { newId, systemClock } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { RECONCILER, servedIdOf, workflowIdOf, type ReconcileInput } from '#workflows';
import { AuditActivitiesOnEngine } from '../../apps/worker/activities/audit.activities.js';
import { diffSnapshots } from '../../tools/sandbox/index.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness();
  const { taskQueue } = harness.config.temporal;
  await harness.temporal.workflow.start(RECONCILER.workflowType, {
    workflowId: `${RECONCILER.workflowId}/${taskQueue}`,
    taskQueue,
    args: [{ everySeconds: 1 } satisfies ReconcileInput],
  });
});
afterAll(async () => {
  await harness?.temporal.workflow
    .getHandle(`${RECONCILER.workflowId}/${harness.config.temporal.taskQueue}`)
    .terminate();
  await harness?.stop();
});

const IN_AN_HOUR = () => new Date(systemClock.now().getTime() + 3_600_000).toISOString();

describe('the reconciler', () => {
  it('ends a run that was terminated in the engine as failed, with an alarm, ready to be reinstated', async () => {
    const user = 'jana.keller';
    const first = await probe.snapshot();
    const request = await harness.submit({ user, steps: ['disable_sign_in', 'remove_phone_number', 'delete_user'] });
    await request.decide('approve');
    await eventually(
      'the first steps ended',
      async () => (await request.outcomes())['remove_phone_number'] === 'succeeded',
    );
    await request.runIs('waiting');
    await request.handle.terminate('by hand in the UI');
    const closed = await request.status('closed');
    expect(closed.problem).toMatchObject({ code: 'process.engine_lost' });
    const run = await request.run();
    expect(run).toMatchObject({ status: 'failed', problem: { code: 'process.engine_lost' } });
    expect(await request.outcomes()).toEqual({
      disable_sign_in: 'succeeded',
      remove_phone_number: 'succeeded',
      delete_user: 'skipped',
    });
    const lost = (await request.events()).find((event) => event.type === 'de.stellwerk.process.run.lost.v1');
    expect(lost?.data).toMatchObject({ engineStatus: 'TERMINATED', runId: run.id });
    const back = await harness.reinstate({ runId: run.id, user });
    await back.decide('approve');
    await back.status('closed');
    expect(diffSnapshots(first, await probe.snapshot())).toEqual([]);
  });

  it('ends a request whose workflow was terminated before there was a run', async () => {
    const request = await harness.submit({ user: 'daniel.fuchs' });
    await request.status('awaiting_approval');
    await request.handle.terminate();
    expect((await request.status('refused')).problem).toMatchObject({ code: 'process.engine_lost' });
  });

  it('starts what was accepted long ago and never started', async () => {
    const id = newId();
    const body = {
      type: 'offboarding',
      user: 'heike.brandt',
      lastWorkingAt: 'x',
      startsAt: IN_AN_HOUR(),
      steps: ['disable_sign_in'],
      reference: null,
      notify: null,
    };
    await harness.database.admin
      .insertInto('requests')
      .values({
        tenant_id: TENANT,
        id,
        type: 'offboarding',
        status: 'planning',
        subject: body.user,
        body: JSON.stringify(body),
        requested_by: 'requester@muster',
        submitted_event_id: newId(),
      })
      .execute();
    await eventually('the request is planned', async () => {
      const row = await harness.database.admin
        .selectFrom('requests')
        .select('status')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return row.status === 'awaiting_approval';
    });
    await harness.temporal.workflow.getHandle(workflowIdOf(TENANT, 'offboarding', id)).terminate();
  });

  it('shows a workflow whose task keeps failing, with its error and an alarm, until it recovers', async () => {
    const id = newId();
    const eventId = newId();
    const row = {
      tenant_id: TENANT,
      id,
      type: 'no_such_process',
      status: 'planning',
      subject: 'x',
      body: '{}',
      requested_by: 'requester@muster',
      submitted_event_id: eventId,
    };
    await harness.database.admin.insertInto('requests').values(row).execute();
    const workflowId = `${TENANT}/no_such_process/${id}`;
    await harness.temporal.workflow.start('no_such_process', {
      workflowId,
      taskQueue: harness.config.temporal.taskQueue,
      args: [],
    });
    const stalled = await eventually(
      'the request is shown as stalled',
      async () => {
        const { stalled: seen } = await harness.database.admin
          .selectFrom('requests')
          .select('stalled')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return seen as { error: string } | null;
      },
      40,
    );
    expect(stalled.error).toContain('no_such_process');
    const events = await harness.database.admin.selectFrom('outbox').select('headers').execute();
    expect(
      events.filter(({ headers }) => headers['ce_correlationid'] === id).map(({ headers }) => headers['ce_type']),
    ).toEqual(['de.stellwerk.process.run.stalled.v1']);
    await harness.temporal.workflow.getHandle(workflowId).terminate();
    await eventually('it is told as lost', async () => {
      const { status } = await harness.database.admin
        .selectFrom('requests')
        .select('status')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return status === 'refused';
    });
  });
});

describe('a workflow that starts between the looks at the engine and at the inbox', () => {
  it('is not told as lost', async () => {
    const request = await harness.submit({ user: 'oliver.stein', startsAt: IN_AN_HOUR() });
    await request.status('awaiting_approval');
    const { client, looks } = blindAtFirst(harness.temporal, request.handle.workflowId);
    const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 2 }, 'test-audit');
    const { taskQueue } = harness.config.temporal;
    const audit = new AuditActivitiesOnEngine(database, client, taskQueue, 1, pino({ level: 'silent' }));
    await audit.reconcilePage({ after: null });
    await database.destroy();
    expect(looks()).toBe(2);
    expect(await request.row()).toMatchObject({ status: 'awaiting_approval', problem: null });
    await request.handle.terminate();
  });
});

/** The engine as somebody sees it who asks for this workflow a moment too early. */
function blindAtFirst(engine: Client, workflowId: string): { client: Client; looks: () => number } {
  let looks = 0;
  const getHandle = (id: string) => {
    const handle = engine.workflow.getHandle(id);
    if (id !== workflowId || (looks += 1) > 1) return handle;
    const describe = () => Promise.reject(new WorkflowNotFoundError('not found', id, undefined));
    return { ...handle, describe };
  };
  return {
    client: { ...engine, workflow: { ...engine.workflow, getHandle } } as unknown as Client,
    looks: () => looks,
  };
}

describe('a decision whose event was lost', () => {
  it('is told to the workflow by the reconciler', async () => {
    const request = await harness.submit({ user: 'sven.lindner', steps: ['remove_phone_number'] });
    const { plan_hash: planHash } = await request.status('awaiting_approval');
    const decision = {
      tenant_id: TENANT,
      request_id: request.id,
      id: newId(),
      revision: 1,
      plan_hash: planHash!,
      decision: 'approve' as const,
      decided_by: 'approver@muster',
      reason: null,
      decided_at: new Date(systemClock.now().getTime() - 120_000),
      effective_at: new Date(systemClock.now().getTime() - 120_000),
    };
    await harness.database.admin.insertInto('decisions').values(decision).execute();
    await harness.database.admin
      .updateTable('requests')
      .set({ status: 'approved' })
      .where('id', '=', request.id)
      .execute();
    await request.status('closed');
    expect((await request.run()).status).toBe('completed');
    const taken = await harness.database.admin
      .selectFrom('inbox')
      .select('event_id')
      .where('event_id', '=', decision.id)
      .execute();
    expect(taken).toHaveLength(1);
  });
});

describe('a question to approvers that the engine lost', () => {
  it('is taken up again, also when it was terminated', async () => {
    const request = await harness.submit({ user: 'monika.schaefer', startsAt: IN_AN_HOUR() });
    await request.status('awaiting_approval');
    const { admin } = harness.database;
    const { id } = await admin
      .selectFrom('approval_rounds')
      .select('id')
      .where('request_id', '=', request.id)
      .executeTakeFirstOrThrow();
    const handle = harness.temporal.workflow.getHandle(servedIdOf(TENANT, 'approval', id));
    // its event is on its way: nothing to be mended yet
    await expect(handle.describe()).rejects.toThrow(WorkflowNotFoundError);
    const longAgo = new Date(systemClock.now().getTime() - 120_000);
    await admin.updateTable('outbox').set({ sent_at: longAgo }).where('event_id', '=', id).execute();
    await admin.updateTable('approval_rounds').set({ opened_at: longAgo }).where('id', '=', id).execute();
    const runs = async (not?: string): Promise<string | null> => {
      const found = await handle.describe().catch(() => null);
      return found?.status.name === 'RUNNING' && found.runId !== not ? found.runId : null;
    };
    const first = await eventually('the question has its workflow', () => runs());
    await handle.terminate('by hand in the UI');
    await eventually('it has another', () => runs(first!));
    await request.decide('reject');
    await request.status('rejected');
    await handle.terminate();
  });
});

describe('a run that wrote nothing', () => {
  it('cannot be reinstated, and the request says so', async () => {
    const request = await harness.submit({
      user: 'piotr.nowak',
      startsAt: IN_AN_HOUR(),
      steps: ['remove_phone_number'],
    });
    await request.decide('approve');
    await request.runIs('waiting');
    await request.handle.terminate();
    await request.status('closed');
    expect((await request.timeline()).map((entry) => entry.kind).slice(-3)).toEqual([
      'engine_lost',
      'step_ended',
      'run_ended',
    ]);
    const back = await harness.reinstate({ runId: (await request.run()).id, user: 'piotr.nowak' });
    expect((await back.status('refused')).problem).toMatchObject({ code: 'process.nothing_to_take_back' });
  });
});
