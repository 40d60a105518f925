import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { retentionNewsSignal } from '#workflows';
import type { RetentionActivities, RetentionLook } from '../../workflows/support/activities.js';
import { startTimeSkipping } from '../support/time-skipping.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment?.teardown());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const taskQueue = 'retention-test';

interface Looks {
  readonly times: number[];
  /** It ended in another history than it began in. */
  readonly isContinued: boolean;
}

/** Answers its looks by these, one after the other; gives when it looked, in milliseconds from its start. */
async function run(
  id: string,
  answers: readonly RetentionLook[],
  atLook?: (n: number) => Promise<void>,
): Promise<Looks> {
  const times: number[] = [];
  const activities: RetentionActivities = {
    eraseEnded: async () => {
      times.push(await environment.currentTimeMs());
      const answer = answers[times.length - 1] ?? { next: 'over' };
      await atLook?.(times.length);
      return answer;
    },
  };
  const { nativeConnection: connection, client } = environment;
  const bundle = { codePath: 'dist/workflows/bundle.js' };
  const worker = await Worker.create({ connection, taskQueue, workflowBundle: bundle, activities });
  return worker.runUntil(async () => {
    const args = [{ tenant: 'muster', id }];
    const workflowId = `muster/retention/${id}`;
    const handle = await client.workflow.start('retention', { workflowId, taskQueue, args });
    await handle.result();
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const isContinued = Boolean(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
    return { times: times.map((at) => at - times[0]!), isContinued };
  });
}

const hours = ({ times }: Looks): number[] => times.map((at) => Math.round(at / HOUR));
const wait = (waitMs: number | null): RetentionLook => ({ next: 'wait', waitMs });

it('sleeps until the next request is due, a day at most, and goes on at once while more is due', async () => {
  const looks = await run('01975d1c-7a00-7000-8000-000000000021', [
    ...[wait(5 * HOUR), { next: 'more' } as const, { next: 'more' } as const],
    ...[wait(null), wait(40 * DAY), wait(HOUR)],
  ]);
  expect(hours(looks)).toEqual([0, 5, 5, 5, 29, 53, 54]);
});

it('looks again when somebody changes how long things are kept', async () => {
  const id = '01975d1c-7a00-7000-8000-000000000022';
  const looks = await run(id, [wait(20 * HOUR)], (n) => {
    const handle = environment.client.workflow.getHandle(`muster/retention/${id}`);
    return n === 1 ? handle.signal(retentionNewsSignal, { eventId: id }) : Promise.resolve();
  });
  expect(hours(looks)).toEqual([0, 0]);
});

it('goes on in a new history, day after day', async () => {
  const looks = await run(
    '01975d1c-7a00-7000-8000-000000000023',
    Array.from({ length: 70 }, () => wait(null)),
  );
  expect(looks.isContinued).toBe(true);
  expect(looks.times.length).toBe(71);
  expect(hours(looks).at(-1)).toBe(70 * 24);
});
