import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { OffboardingBody } from '#libs/requests/model';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { testStack } from '../support/test-stack.js';

/** People's acts and what time brings, on the time-skipping server; database and directory are real. */
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

const DAY = 86_400_000;
const inDays = async (days: number): Promise<string> =>
  new Date((await environment.currentTimeMs()) + days * DAY).toISOString();
const kindsOf = async (request: SubmittedRequest) => (await request.timeline()).map((entry) => entry.kind);
const leaver = async (user: string, days: number, more: Partial<OffboardingBody> = {}): Promise<SubmittedRequest> =>
  harness.submit({
    user,
    startsAt: await inDays(days),
    steps: ['disable_sign_in', 'remove_phone_number'],
    deadlineMinutes: { disable_sign_in: 15 },
    ...more,
  });
const result = (request: SubmittedRequest) => environment.client.workflow.getHandle(request.handle.workflowId).result();

// the server's clock jumps far ahead while nothing waits for a time, so what names a time comes first
describe('a request that waits for approval', () => {
  it('is planned anew for the new time when it is rescheduled; the old approval does not fit', async () => {
    const request = await leaver('ulrike.loewe', 5);
    const before = await request.status('awaiting_approval');
    await request.giveAct({ act: 'reschedule', at: await inDays(9) });
    const after = await eventually('it is planned anew', async () => {
      const row = await request.row();
      return row.status === 'awaiting_approval' && row.plan_revision === 2 ? row : null;
    });
    expect(after.plan_hash).not.toBe(before.plan_hash);
    await request.giveAct({ act: 'cancel', reason: 'She stays.' });
    const closed = await request.status('refused');
    expect(closed).toMatchObject({ status: 'refused', problem: { code: 'request.cancelled' }, run_id: null });
  });

  it('is called for ever more loudly before its deadline, and at it', async () => {
    const request = await leaver('oliver.stein', 2);
    await request.status('awaiting_approval');
    await environment.sleep('3 days');
    const levels = await eventually('every level was told', async () => {
      const events = (await request.events()).filter((event) => event.type.includes('approval.escalated'));
      return events.length === 5 ? events.map((event) => event.data) : null;
    });
    expect(levels.map((data) => [data['level'], data['missed']])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ]);
    await request.decide('reject');
  });
});

describe('a run that waits', () => {
  it('happens at the new time after it was rescheduled, and a single step at its own', async () => {
    const request = await leaver('heike.brandt', 5);
    await request.decide('approve');
    await request.runIs('waiting');
    const [later, latest] = [await inDays(20), await inDays(25)];
    await request.giveAct({ act: 'reschedule', at: later });
    await request.giveAct({ act: 'reschedule', stepId: 'remove_phone_number', at: latest });
    await environment.sleep('6 days');
    expect(Object.values(await request.outcomes())).toEqual([null, null]);
    await result(request);
    const steps = await request.steps();
    expect(steps.map((step) => step.due_at!.toISOString())).toEqual([later, latest]);
    expect(Object.values(await request.outcomes())).toEqual(['succeeded', 'succeeded']);
  });

  it('is paused past its hour, moved and gone on with', async () => {
    const request = await leaver('nina.schroeder', 2);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'pause' });
    await expect(request.giveAct({ act: 'pause' })).rejects.toMatchObject({ code: 'act.not_possible' });
    await environment.sleep('3 days');
    expect(Object.values(await request.outcomes())).toEqual([null, null]);
    await request.giveAct({ act: 'resume' });
    await result(request);
    expect((await request.run()).status).toBe('completed');
    expect(await kindsOf(request)).toEqual(expect.arrayContaining(['act_pause', 'act_resume']));
    const missed = (await request.events()).filter((event) => event.type.includes('deadline.missed'));
    expect(missed.map((event) => event.data['steps'])).toEqual([['disable_sign_in']]);
    const [locking] = await request.steps();
    expect(locking!.deadline_missed_at).not.toBeNull();
  });

  it('leaves a step out with its reason', async () => {
    const request = await leaver('aylin.yildiz', 1);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'skip', stepId: 'remove_phone_number', reason: 'She keeps the number.' });
    await result(request);
    const step = (await request.steps()).find((row) => row.step_id === 'remove_phone_number')!;
    expect(step).toMatchObject({ outcome: 'skipped', reason: 'She keeps the number.', status: 'ended' });
  });

  it('is called off', async () => {
    const request = await leaver('emil.sorensen', 3);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'cancel' });
    await result(request);
    expect((await request.run()).status).toBe('cancelled');
    expect(Object.values(await request.outcomes())).toEqual(['skipped', 'skipped']);
  });
});

describe('lock out now', () => {
  it('before the approval does what locks out, and the rest waits for its decision and its time', async () => {
    const request = await leaver('jana.keller', 10);
    await request.status('awaiting_approval');
    await request.giveAct({ act: 'lock_out' });
    await eventually('she is locked out', async () =>
      (await request.outcomes())['disable_sign_in'] === 'succeeded' ? true : null,
    );
    expect((await request.outcomes())['remove_phone_number']).toBeNull();
    expect((await request.row()).status).toBe('awaiting_approval');
    expect(await kindsOf(request)).toContain('locked_out');
    await request.decide('approve');
    await result(request);
    expect(await request.outcomes()).toEqual({ disable_sign_in: 'succeeded', remove_phone_number: 'succeeded' });
    expect((await request.row()).status).toBe('closed');
  });

  it('after the approval does not wait for the hour; what only tidies up does', async () => {
    const request = await leaver('daniel.fuchs', 10);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'lock_out' });
    await eventually('he is locked out', async () =>
      (await request.outcomes())['disable_sign_in'] === 'succeeded' ? true : null,
    );
    expect((await request.runIs('waiting')).waiting_for).toMatchObject({ kind: 'time' });
    await result(request);
    expect((await request.run()).status).toBe('completed');
  });
});

describe('a step that a person does', () => {
  it('waits for them, reminds them by mail, and ends by their word, with who gave it', async () => {
    const notebook = { title: 'Collect the notebook', instructions: null, offsetDays: 0, dueDays: 3 };
    const manualSteps = [{ ...notebook, assignee: 'empfang@muster.example' }];
    const request = await leaver('sabine.uebelacker', 0, { steps: ['remove_phone_number'], manualSteps });
    await request.decide('approve');
    expect((await request.runIs('waiting')).waiting_for).toMatchObject({ kind: 'person', steps: ['manual_1'] });
    await environment.sleep('4 days');
    const reminders = await eventually('both reminders were told', async () => {
      const told = (await request.events()).filter((event) => event.type.includes('step.reminded'));
      return told.length === 2 ? told.map((event) => event.data['number']) : null;
    });
    expect(reminders).toEqual([1, 2]);
    await eventually('the mail came', async () =>
      harness.sandbox.mail.mails.list().some((mail) => mail.to.includes('empfang@muster.example')),
    );
    await request.giveAct({ act: 'complete', stepId: 'manual_1', reason: 'Handed in, charger missing.' });
    await result(request);
    const step = (await request.steps()).find((row) => row.step_id === 'manual_1')!;
    expect(step).toMatchObject({
      outcome: 'succeeded',
      evidence: { doneBy: 'operator@msp', note: 'Handed in, charger missing.' },
    });
    expect((await request.run()).status).toBe('completed');
  });
});

describe('a step that failed', () => {
  const policy = () => `cn=default,ou=policies,${harness.sandbox.directories[TENANT]!.access.baseDn}`;

  it('is tried again while the run goes on, when an operator says so', async () => {
    await probe.replace(policy(), 'pwdMinLength', ['200']);
    const steps = ['reset_password', 'disable_sign_in', 'move_to_leavers', 'delete_user'] as const;
    const request = await leaver('claudia.boehm', 0, { steps, deadlineMinutes: {} });
    await request.decide('approve');
    await request.runIs('waiting');
    expect((await request.outcomes())['reset_password']).toBe('failed');
    await probe.replace(policy(), 'pwdMinLength', ['12']);
    await request.giveAct({ act: 'retry', stepId: 'reset_password' });
    await result(request);
    expect(await request.outcomes()).toMatchObject({ reset_password: 'succeeded', delete_user: 'succeeded' });
    expect((await request.run()).status).toBe('completed');
  });
});
