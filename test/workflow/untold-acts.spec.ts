import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import type { OffboardingBody } from '#libs/requests/model';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';

/** Acts that are committed and answered while their workflow has not heard of them: Kafka, a bridge or Temporal was down. */
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

const inDays = (days: number): string => new Date(systemClock.now().getTime() + days * 86_400_000).toISOString();
const leaver = (user: string, days: number, more: Partial<OffboardingBody> = {}): Promise<SubmittedRequest> =>
  harness.submit({ user, startsAt: inDays(days), steps: ['disable_sign_in', 'remove_phone_number'], ...more });
const stepIs = (request: SubmittedRequest, stepId: string, outcome: string) =>
  eventually(`${stepId} is ${outcome}`, async () => (await request.outcomes())[stepId] === outcome);
const waitsFor = (request: SubmittedRequest, kind: string) =>
  eventually(`it waits for ${kind}`, async () => {
    const waiting = (await request.run()).waiting_for as { kind?: string; until?: string } | null;
    return waiting?.kind === kind ? waiting : null;
  });

async function waitingRun(user: string, days = 5, more: Partial<OffboardingBody> = {}): Promise<SubmittedRequest> {
  const request = await leaver(user, days, more);
  await request.decide('approve');
  await request.runIs('waiting');
  return request;
}

async function eventsOf(request: SubmittedRequest) {
  return (await request.handle.fetchHistory()).events ?? [];
}

/** Waits until the workflow has asked our tables to begin the run: its first local activity. */
const beginWasTried = (request: SubmittedRequest) =>
  eventually('the run was to begin', async () =>
    (await eventsOf(request)).some((event) => event.markerRecordedEventAttributes),
  );

describe('called off before its run', () => {
  it('begins no run although the approval comes first', async () => {
    const request = await leaver('ulrike.loewe', 0);
    const approve = await request.decideUntold('approve');
    const cancel = await request.giveUntold({ act: 'cancel', reason: 'She stays.' });
    await approve();
    await beginWasTried(request);
    await cancel();
    await request.handle.result();
    expect(await request.row()).toMatchObject({ status: 'refused', run_id: null });
  });

  it('locks nobody out although the order to comes first', async () => {
    const request = await leaver('heike.brandt', 5);
    await request.status('awaiting_approval');
    const lockOut = await request.giveUntold({ act: 'lock_out' });
    const cancel = await request.giveUntold({ act: 'cancel', reason: 'She stays.' });
    await lockOut();
    await beginWasTried(request);
    await cancel();
    await request.handle.result();
    expect(await request.row()).toMatchObject({ status: 'refused', run_id: null });
  });
});

describe('a run that was paused', () => {
  it('shows so and asks with pauses; once resumed it goes on, though no word of either comes', async () => {
    const request = await waitingRun('nina.schroeder');
    await request.giveUntold({ act: 'pause' });
    await request.giveAct({ act: 'reschedule', at: inDays(0) });
    await waitsFor(request, 'resume');
    expect(Object.values(await request.outcomes())).toEqual([null, null]);
    const asked = (await eventsOf(request)).filter((event) => event.activityTaskScheduledEventAttributes);
    expect(asked.length).toBeLessThan(8);
    await request.giveUntold({ act: 'resume' });
    await request.runIs('completed');
  });

  it('puts nothing into a person’s hands', async () => {
    const task = { title: 'Collect the notebook', instructions: null, offsetDays: 0, dueDays: 3, assignee: null };
    const request = await waitingRun('oliver.stein', 5, { steps: ['remove_phone_number'], manualSteps: [task] });
    await request.giveUntold({ act: 'pause' });
    await request.giveAct({ act: 'reschedule', at: inDays(0) });
    await waitsFor(request, 'resume');
    expect((await request.steps()).map((step) => step.status)).toEqual(['pending', 'pending']);
    await request.giveUntold({ act: 'resume' });
    await waitsFor(request, 'person');
  });

  it('is locked out all the same when that is ordered', async () => {
    const request = await waitingRun('daniel.fuchs');
    await request.giveAct({ act: 'pause' });
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    await waitsFor(request, 'resume');
    expect((await request.outcomes())['remove_phone_number']).toBeNull();
    expect((await request.run()).halted).toBe('paused');
  });
});

describe('a run that was put off', () => {
  it('does not begin at its old hour, and waits for the new one', async () => {
    const request = await waitingRun('aylin.yildiz');
    const atOnce = await request.giveUntold({ act: 'reschedule', at: inDays(0) });
    const later = inDays(20);
    await request.giveUntold({ act: 'reschedule', at: later });
    await atOnce();
    await eventually('it waits for the new hour', async () => {
      const waiting = (await request.run()).waiting_for as { until?: string } | null;
      return waiting?.until === later;
    });
    expect(Object.values(await request.outcomes())).toEqual([null, null]);
    await request.giveAct({ act: 'reschedule', at: inDays(0) });
    await request.runIs('completed');
  });
});

describe('a run whose last step has ended', () => {
  const policy = () => `cn=default,ou=policies,${harness.sandbox.directories[TENANT]!.access.baseDn}`;

  it('does not end over a step that was to be tried anew', async () => {
    await probe.replace(policy(), 'pwdMinLength', ['200']);
    const request = await leaver('claudia.boehm', 0, { steps: ['reset_password', 'disable_sign_in', 'delete_user'] });
    await request.decide('approve');
    await stepIs(request, 'reset_password', 'failed');
    await waitsFor(request, 'time');
    await probe.replace(policy(), 'pwdMinLength', ['12']);
    await request.giveUntold({ act: 'retry', stepId: 'reset_password' });
    await request.giveAct({ act: 'skip', stepId: 'delete_user' });
    await request.runIs('completed_with_errors');
    expect((await request.outcomes())['reset_password']).toBe('succeeded');
  });

  it('is taken back when it was called off before', async () => {
    const user = 'emil.sorensen';
    const before = await probe.entryOf(user);
    const request = await waitingRun(user);
    await request.giveAct({ act: 'reschedule', stepId: 'disable_sign_in', at: inDays(0) });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    const skip = await request.giveUntold({ act: 'skip', stepId: 'remove_phone_number' });
    await request.giveUntold({ act: 'cancel', undo: true });
    await skip();
    await request.runIs('cancelled');
    expect((await request.outcomes())['disable_sign_in']).toBe('compensated');
    expect(await probe.entryOf(user)).toEqual(before);
  });
});

describe('cancelling in the middle of a write', () => {
  it('takes back what was written although its answer never came', async () => {
    const user = 'guenther.gross';
    const before = await probe.entryOf(user);
    const { hold } = harness.sandbox.directories[TENANT]!.gate;
    hold.arm({ afterWrites: 0 });
    const request = await leaver(user, 0, { steps: ['disable_sign_in'] });
    await request.decide('approve');
    await hold.whenHolding(45_000);
    await request.giveAct({ act: 'cancel', undo: true });
    await eventually('it is stopped', async () => (await request.outcomes())['disable_sign_in'] !== null);
    hold.release('drop');
    await request.runIs('cancelled');
    expect((await request.outcomes())['disable_sign_in']).toBe('compensated');
    expect(await probe.entryOf(user)).toEqual(before);
  });
});

describe('cancelling without undoing', () => {
  it('ends the suspension that nothing would end later', async () => {
    const user = 'jana.keller';
    const before = await probe.entryOf(user);
    const wish = { user, from: inDays(0), until: inDays(60) };
    const request = await harness.requestOf({ type: 'absence', wish });
    await request.decide('approve');
    await stepIs(request, 'disable_sign_in', 'succeeded');
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
    expect(await request.outcomes()).toMatchObject({
      disable_sign_in: 'compensated',
      return_disable_sign_in: 'skipped',
    });
    expect(await probe.entryOf(user)).toEqual(before);
  });
});
