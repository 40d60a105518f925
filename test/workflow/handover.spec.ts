import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { HandoverActivities } from '../../workflows/support/activities.js';
import { startTimeSkipping } from '../support/time-skipping.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment?.teardown());

/** What the workflow has done, file by file; the writer of the second one dies once. */
function recorded(calls: string[]): HandoverActivities {
  let died = false;
  return {
    handoverFiles: () => Promise.resolve(['README.md', 'data/runs.ndjson']),
    writeHandoverFile: ({ file }) => {
      calls.push(file);
      if (died || file === 'README.md') return Promise.resolve();
      died = true;
      return Promise.reject(new Error('killed'));
    },
    finishHandover: () => {
      calls.push('finish');
      return Promise.resolve({ availableDays: 14 });
    },
    discardHandover: () => {
      calls.push('discard');
      return Promise.resolve();
    },
  };
}

it('writes a customer’s export file by file, goes on after a writer died, and takes it away after fourteen days', async () => {
  const calls: string[] = [];
  const taskQueue = 'handover-test';
  const workflowId = 'muster/handover/01975d1c-7a00-7000-8000-000000000001';
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle: { codePath: 'dist/workflows/bundle.js' },
    activities: recorded(calls),
  });
  await worker.runUntil(
    environment.client.workflow.execute('handover', {
      workflowId,
      taskQueue,
      args: [{ tenant: 'muster', id: '01975d1c-7a00-7000-8000-000000000001' }],
    }),
  );
  expect(calls).toEqual(['README.md', 'data/runs.ndjson', 'data/runs.ndjson', 'finish', 'discard']);
  const { raw } = await environment.client.workflow.getHandle(workflowId).describe();
  const seconds =
    Number(raw.workflowExecutionInfo!.closeTime!.seconds) - Number(raw.workflowExecutionInfo!.startTime!.seconds);
  expect(Math.round(seconds / 86_400)).toBe(14);
});
