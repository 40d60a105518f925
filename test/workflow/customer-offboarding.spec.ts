import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { departureNewsSignal } from '#workflows';
import type { AccessProbes, DepartureRecords, ErasureActivities } from '../../workflows/support/activities.js';
import { startTimeSkipping } from '../support/time-skipping.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment?.teardown());

const DAY = 86_400_000;
const ID = '01975d1c-7a00-7000-8000-000000000001';

/** A customer as our tables would tell of it: what was done, and where it stands. */
class Told implements DepartureRecords, AccessProbes {
  readonly calls: string[] = [];
  status: 'announced' | 'closed' | 'proven' | 'fetched' | 'due' | 'erasing' | 'cancelled' = 'announced';
  openRuns = 1;
  stillOpen = true;
  released = false;
  held = true;
  /** Ends the hold, of which the workflow is told: nothing else waits, and the server's clock would run to the end. */
  endHold: () => Promise<void> = () => Promise.resolve();
  closesAt = 0;

  lookAtDeparture = () => {
    switch (this.status) {
      case 'announced':
        return Promise.resolve({ stage: 'announced' as const, dueAt: this.closesAt });
      case 'closed':
        return Promise.resolve({ stage: 'closed' as const, openRuns: this.openRuns, toProbe: ['system/directory'] });
      case 'proven':
      case 'fetched': {
        const days = this.status === 'proven' ? 30 : 90;
        return Promise.resolve({ stage: this.status, dueAt: this.closesAt + days * DAY });
      }
      case 'due':
        return Promise.resolve({ stage: 'due' as const, released: this.released });
      case 'erasing':
      case 'cancelled':
        return Promise.resolve({ stage: 'over' as const });
    }
  };
  closeAccess = () => this.move('close', 'closed');
  closeFetching = () => this.move('close fetching', 'fetched');
  recordDue = () => this.move('due', 'due');
  probeAccess = ({ entry }: { readonly entry: string }) => this.note(`probe ${entry}`);
  settleAccess = async () => {
    await this.note('settle');
    if (!this.stillOpen) this.status = 'proven';
    return !this.stillOpen;
  };
  remindOfAccess = async ({ number }: { readonly number: number }) => {
    await this.note(`remind ${number}`);
    // after the first reminder the run has ended, after the second one the customer closed our account
    this.openRuns = 0;
    if (number === 2) this.stillOpen = false;
  };
  beginErasure = async () => {
    await this.note(this.held ? 'held by law' : 'begin erasure');
    if (!this.held) this.status = 'erasing';
    if (!this.held) return true;
    this.held = false;
    await this.endHold();
    return false;
  };

  private note(call: string): Promise<void> {
    this.calls.push(call);
    return Promise.resolve();
  }

  private move(call: string, to: Told['status']): Promise<void> {
    this.status = to;
    return this.note(call);
  }
}

async function run<Result>(
  workflow: string,
  workflowId: string,
  activities: object,
  work: (handle: WorkflowHandle) => Promise<Result>,
): Promise<Result> {
  const taskQueue = `${workflow}-test`;
  const common = { connection: environment.nativeConnection, activities };
  const worker = await Worker.create({
    ...common,
    taskQueue,
    workflowBundle: { codePath: 'dist/workflows/bundle.js' },
  });
  const site = await Worker.create({ ...common, taskQueue: `${taskQueue}-site-default` });
  return site.runUntil(() =>
    worker.runUntil(async () => {
      const [tenant, , id] = workflowId.split('/');
      const args = [{ tenant, id }];
      return work(await environment.client.workflow.start(workflow, { workflowId, taskQueue, args }));
    }),
  );
}

it('shuts a customer out on its day, tries our access until it is gone, and erases only by word and without a hold', async () => {
  const told = new Told();
  told.closesAt = (await environment.currentTimeMs()) + 3 * DAY;
  const days = await run('departure', `muster/departure/${ID}`, told, async (handle) => {
    told.released = true;
    told.endHold = () => handle.signal(departureNewsSignal, { eventId: ID });
    await handle.result();
    const { startTime, closeTime } = await handle.describe();
    return (closeTime!.getTime() - startTime.getTime()) / DAY;
  });
  expect(told.calls).toEqual([
    ...['close', 'remind 1', 'probe system/directory', 'settle', 'remind 2'],
    ...['probe system/directory', 'settle', 'close fetching', 'due', 'held by law', 'begin erasure'],
  ]);
  expect(Math.round(days)).toBe(93);
});

it('ends when it is called off before the last day, and shuts nobody out', async () => {
  const told = new Told();
  told.closesAt = (await environment.currentTimeMs()) + 3 * DAY;
  const workflowId = `muster/departure/${ID.replace(/1$/, '2')}`;
  await run('departure', workflowId, told, async (handle) => {
    told.status = 'cancelled';
    await handle.signal(departureNewsSignal, { eventId: ID });
    await handle.result();
  });
  expect(told.calls).toEqual([]);
});

it('erases a customer once, and what the law keeps when its time is over, table by table', async () => {
  const calls: string[] = [];
  let failed = false;
  const note = (call: string) => (): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  const start = await environment.currentTimeMs();
  const kept = [start + 1_000 * DAY, start + 1_200 * DAY];
  const activities: ErasureActivities = {
    forgetHistories: note('histories'),
    pseudonymiseAudit: note('audit'),
    eraseRows: () => {
      calls.push('rows');
      if (failed) return Promise.resolve();
      failed = true;
      return Promise.reject(new Error('killed'));
    },
    finishErasure: note('record'),
    nextKept: () => Promise.resolve(kept[0] ?? null),
    eraseKept: () => {
      calls.push('kept');
      kept.shift();
      return Promise.resolve();
    },
  };
  await run('erasure', `msp/erasure/${ID}`, activities, (handle) => handle.result());
  expect(calls).toEqual(['histories', 'audit', 'rows', 'rows', 'record', 'kept', 'kept']);
  expect((await environment.currentTimeMs()) - start).toBeGreaterThanOrEqual(1_200 * DAY);
});
