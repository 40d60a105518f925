import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DirectoryProbe } from '../support/directory-probe.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';
import { testStack } from '../support/test-stack.js';

/** Waits of days, on the time-skipping server; everything else is real. */
let environment: TestWorkflowEnvironment;
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testStack().timeSkippingServer } },
  });
  harness = await startProcessHarness({ temporalAddress: environment.address, temporalNamespace: 'default' });
});
afterAll(async () => {
  await harness?.stop();
  await environment?.teardown();
});

/** By the server's clock, which earlier tests have put forward. */
const inDays = async (days: number): Promise<string> =>
  new Date((await environment.currentTimeMs()) + days * 86_400_000).toISOString();

describe('a leaver in 20 days whose entry is deleted 30 days later', () => {
  it('is off-boarded at the hour, deleted after the retention, and the run ends with its last step', async () => {
    const user = 'jana.keller';
    const request = await harness.submit({
      user,
      startsAt: await inDays(20),
      steps: ['disable_sign_in', 'move_to_leavers', 'delete_user'],
    });
    await request.decide('approve');
    expect((await request.runIs('waiting')).waiting_for).toMatchObject({ kind: 'time' });
    await environment.client.workflow.getHandle(request.handle.workflowId).result();
    expect(await request.outcomes()).toEqual({
      disable_sign_in: 'succeeded',
      move_to_leavers: 'succeeded',
      delete_user: 'succeeded',
    });
    await expect(probe.entryOf(user)).rejects.toThrow('not in the directory');
    const waits = (await request.timeline()).filter((entry) => entry.kind === 'run_waiting');
    expect(waits).toHaveLength(2);
  });

  it('has its drift found during the wait, long before the hour', async () => {
    const user = 'daniel.fuchs';
    const request = await harness.submit({ user, startsAt: await inDays(20), steps: ['remove_phone_number'] });
    await request.decide('approve');
    await request.runIs('waiting');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', ['+49 221 1']);
    await environment.sleep('13 hours');
    const row = await request.status('awaiting_approval');
    expect(row.plan_revision).toBe(2);
    await request.decide('approve');
    await environment.client.workflow.getHandle(request.handle.workflowId).result();
    expect(await request.outcomes()).toEqual({ remove_phone_number: 'succeeded' });
  });
});
