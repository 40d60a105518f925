import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { AlarmMails, AlarmRecords } from '../../workflows/support/activities.js';
import { startTimeSkipping } from '../support/time-skipping.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment?.teardown());

const taskQueue = 'alarm-test';

/** Owners who are told; the alarm is acknowledged once it was told so often. */
function recorded(told: number[], until: number): AlarmRecords & AlarmMails {
  return {
    isAlarmOpen: () => Promise.resolve(told.length < until),
    tellOwners: ({ number }) => {
      told.push(number);
      return Promise.resolve();
    },
  };
}

async function run(told: number[], until: number): Promise<number> {
  const { nativeConnection: connection } = environment;
  const id = '01975d1c-7a00-7000-8000-000000000013';
  const workflowId = `msp/alarm/${id}-${until}`;
  const activities = recorded(told, until);
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: 'dist/workflows/bundle.js' },
    activities,
  });
  const mails = await Worker.create({ connection, taskQueue: `${taskQueue}-site-default`, activities });
  const execute = environment.client.workflow.execute('alarm', {
    workflowId,
    taskQueue,
    args: [{ tenant: 'msp', id }],
  });
  await worker.runUntil(mails.runUntil(execute));
  const { raw } = await environment.client.workflow.getHandle(workflowId).describe();
  const { startTime, closeTime } = raw.workflowExecutionInfo!;
  return (Number(closeTime!.seconds) - Number(startTime!.seconds)) / 3_600;
}

it('tells owners of an alarm again and again, until one of them acknowledges it', async () => {
  const told: number[] = [];
  const hours = await run(told, 30);
  expect(told).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  // four times within an hour, hourly through the first day, then every six hours
  expect(Math.round(hours)).toBe(1 + 23 + 3 * 6);
});
