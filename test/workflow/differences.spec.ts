import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, systemClock } from '#libs/kernel';
import type { Plan } from '#libs/process/model';
import type { OffboardingBody } from '#libs/requests/model';
import { decisionSignal } from '#workflows';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';

/** What waits for a decision while its run goes on: the rest after a lock-out, and differences after drift. */
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
/** Locked before the plan and unlocked after it: the plan says that there is nothing to do, hence it drifts. */
const setLock = (user: string, locked: boolean): Promise<void> =>
  probe.replace(probe.dnOf(user), 'pwdAccountLockedTime', locked ? ['000001010000Z'] : []);
const rowOf = async (request: SubmittedRequest, stepId: string) =>
  (await request.steps()).find((row) => row.step_id === stepId)!;
const linesOf = async (request: SubmittedRequest, ...kinds: string[]) =>
  (await request.timeline()).filter((line) => kinds.includes(line.kind));
const waitsFor = (request: SubmittedRequest, kind: string) =>
  eventually(`the run waits for ${kind}`, async () => {
    const waiting = (await request.run()).waiting_for as { kind?: string; until?: string } | null;
    return waiting?.kind === kind ? waiting : null;
  });
const revisionIs = (request: SubmittedRequest, revision: number) =>
  eventually(`revision ${revision} waits`, async () => {
    const row = await request.row();
    return row.plan_revision === revision && row.status === 'awaiting_approval' ? row : null;
  });

describe('the rest after a lock-out before the approval', () => {
  it('takes its approval from our tables, is no longer held, and the history says who approved', async () => {
    const request = await leaver('jana.keller', 10);
    const { plan_hash: planHash } = await request.status('awaiting_approval');
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    await waitsFor(request, 'approval');
    const forged = { eventId: newId(), decision: 'approve', revision: 1, planHash: planHash! } as const;
    await request.handle.signal(decisionSignal, forged);
    await request.giveAct({ act: 'pause' });
    await waitsFor(request, 'resume');
    expect(await rowOf(request, 'remove_phone_number')).toMatchObject({ status: 'held' });
    await request.giveAct({ act: 'resume' });
    await request.decide('approve');
    await waitsFor(request, 'time');
    expect(await rowOf(request, 'remove_phone_number')).toMatchObject({ status: 'pending', late: false });
    const lines = await linesOf(request, 'difference_approved', 'step_late');
    expect(lines).toMatchObject([
      { kind: 'difference_approved', who: 'approver@muster', data: { revision: 1, planHash } },
    ]);
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
  });

  it('runs at once, marked late, when its time passed before the approval', async () => {
    const request = await leaver('daniel.fuchs', 0);
    await request.status('awaiting_approval');
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    await request.decide('approve');
    await request.runIs('completed');
    expect(await rowOf(request, 'remove_phone_number')).toMatchObject({ late: true, outcome: 'succeeded' });
    expect(await linesOf(request, 'step_late')).toMatchObject([{ step_id: 'remove_phone_number' }]);
  });

  it('keeps the time that it was put to while it waited', async () => {
    const request = await leaver('heike.brandt', 10);
    await request.status('awaiting_approval');
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    await request.giveAct({ act: 'reschedule', stepId: 'remove_phone_number', at: inDays(0) });
    await request.decide('approve');
    await request.runIs('completed');
  });

  it('is asked for again, as one, when a step that locks out drifts meanwhile', async () => {
    const user = 'sven.lindner';
    await setLock(user, true);
    const request = await leaver(user, 10);
    await request.status('awaiting_approval');
    await setLock(user, false);
    await request.giveAct({ act: 'lock_out' });
    await revisionIs(request, 2);
    await request.decide('approve');
    await stepIs(request, 'disable_sign_in', 'succeeded');
    expect(await rowOf(request, 'remove_phone_number')).toMatchObject({ status: 'pending' });
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
  });
});

describe('a difference after drift', () => {
  const drifted = async (user: string, more: Partial<OffboardingBody> = {}): Promise<SubmittedRequest> => {
    const request = await leaver(user, 5, { steps: ['remove_phone_number'], ...more });
    await request.status('awaiting_approval');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', ['+49 221 997']);
    await request.decide('approve');
    await revisionIs(request, 2);
    return request;
  };

  it('keeps the time that the run was put off to while it waited', async () => {
    const request = await drifted('nina.schroeder');
    const later = inDays(20);
    await request.giveAct({ act: 'reschedule', at: later });
    await request.decide('approve');
    expect(await waitsFor(request, 'time')).toMatchObject({ until: later });
    const plan = (await request.run()).plan as unknown as Plan;
    expect(plan).toMatchObject({ revision: 2, startsAt: later });
    expect(plan.steps[0]!.effect.changes.map((change) => change.before)).toContainEqual(['+49 221 997']);
    expect((await rowOf(request, 'remove_phone_number')).due_at!.toISOString()).toBe(later);
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
  });

  it('is drawn anew, as a revision of its own, when another step drifts before its decision', async () => {
    const user = 'piotr.nowak';
    await setLock(user, true);
    const request = await drifted(user, { steps: ['disable_sign_in', 'remove_phone_number'] });
    await setLock(user, false);
    await request.giveAct({ act: 'reschedule', stepId: 'disable_sign_in', at: inDays(0) });
    await revisionIs(request, 3);
    const plans = await harness.database.admin
      .selectFrom('plans')
      .select(['revision', 'drift'])
      .where('request_id', '=', request.id)
      .orderBy('revision')
      .execute();
    const drifts = plans.map(({ drift }) => ((drift ?? []) as { stepId: string }[]).map(({ stepId }) => stepId).sort());
    expect(drifts).toEqual([[], ['remove_phone_number'], ['disable_sign_in', 'remove_phone_number']]);
    await request.decide('reject', 'neither of them');
    await request.runIs('failed');
    expect(await request.outcomes()).toEqual({ disable_sign_in: 'skipped', remove_phone_number: 'skipped' });
  });
});

describe('a lock-out and a reschedule that the workflow learns of together', () => {
  it('locks out at once by the new plan', async () => {
    const { gate } = harness.sandbox.directories[TENANT]!;
    await gate.offline();
    const request = await leaver('oliver.stein', 10);
    await eventually('the directory is waited for', async () => (await request.row()).waiting_for !== null);
    await request.giveAct({ act: 'reschedule', at: inDays(12) });
    await request.giveAct({ act: 'lock_out' });
    await gate.online();
    await stepIs(request, 'disable_sign_in', 'succeeded');
    expect((await request.row()).plan_revision).toBe(2);
    expect((await rowOf(request, 'remove_phone_number')).status).toBe('held');
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
  });
});
