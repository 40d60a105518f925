import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import type { OffboardingBody } from '#libs/requests/model';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';

/** People's acts on a run. What waits for days is brought forward by an act; what days bring is in `waiting.spec.ts`. */
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

const inDays = (days: number): string => new Date(systemClock.now().getTime() + days * 86_400_000).toISOString();
const kindsOf = async (request: SubmittedRequest) => (await request.timeline()).map((entry) => entry.kind);
const leaver = (user: string, days: number, more: Partial<OffboardingBody> = {}): Promise<SubmittedRequest> =>
  harness.submit({ user, startsAt: inDays(days), steps: ['disable_sign_in', 'remove_phone_number'], ...more });
const stepIs = (request: SubmittedRequest, stepId: string, outcome: string) =>
  eventually(`${stepId} is ${outcome}`, async () => (await request.outcomes())[stepId] === outcome);

describe('a request that waits for approval', () => {
  it('is planned anew for the new time when it is rescheduled; the old approval does not fit', async () => {
    const request = await leaver('ulrike.loewe', 5);
    const before = await request.status('awaiting_approval');
    await request.giveAct({ act: 'reschedule', at: inDays(9) });
    const after = await eventually('it is planned anew', async () => {
      const row = await request.row();
      return row.status === 'awaiting_approval' && row.plan_revision === 2 ? row : null;
    });
    expect(after.plan_hash).not.toBe(before.plan_hash);
    await request.giveAct({ act: 'cancel', reason: 'She stays.' });
    const closed = await request.status('refused');
    expect(closed).toMatchObject({ problem: { code: 'request.cancelled' }, run_id: null });
  });
});

describe('a run that waits', () => {
  it('happens at the new time after it was rescheduled, and a single step at its own', async () => {
    const request = await leaver('heike.brandt', 5);
    await request.decide('approve');
    await request.runIs('waiting');
    const later = inDays(20);
    await request.giveAct({ act: 'reschedule', at: later });
    expect((await request.steps()).map((step) => step.due_at!.toISOString())).toEqual([later, later]);
    await request.giveAct({ act: 'reschedule', stepId: 'remove_phone_number', at: inDays(0) });
    await stepIs(request, 'remove_phone_number', 'succeeded');
    expect((await request.outcomes())['disable_sign_in']).toBeNull();
    await request.giveAct({ act: 'reschedule', stepId: 'disable_sign_in', at: inDays(0) });
    await request.runIs('completed');
  });

  it('is paused, does nothing though its time has come, and goes on when it is resumed', async () => {
    const request = await leaver('nina.schroeder', 5);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'pause' });
    await expect(request.giveAct({ act: 'pause' })).rejects.toMatchObject({ code: 'act.not_possible' });
    await request.giveAct({ act: 'reschedule', at: inDays(0) });
    expect(
      await eventually('it waits to be resumed', async () => {
        const { waiting_for: waiting } = await request.run();
        return (waiting as { kind?: string } | null)?.kind === 'resume';
      }),
    ).toBe(true);
    expect(Object.values(await request.outcomes())).toEqual([null, null]);
    await request.giveAct({ act: 'resume' });
    await request.runIs('completed');
    expect(await kindsOf(request)).toEqual(expect.arrayContaining(['act_pause', 'act_resume']));
  });

  it('leaves a step out with its reason', async () => {
    const request = await leaver('aylin.yildiz', 1);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'skip', stepId: 'remove_phone_number', reason: 'She keeps the number.' });
    const step = (await request.steps()).find((row) => row.step_id === 'remove_phone_number')!;
    expect(step).toMatchObject({ outcome: 'skipped', reason: 'She keeps the number.', status: 'ended' });
    await request.giveAct({ act: 'reschedule', stepId: 'disable_sign_in', at: inDays(0) });
    await request.runIs('completed_with_errors');
  });

  it('is called off', async () => {
    const request = await leaver('emil.sorensen', 3);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
    expect(Object.values(await request.outcomes())).toEqual(['skipped', 'skipped']);
  });
});

describe('lock out now', () => {
  it('before the approval does what locks out, and the rest waits for its decision and its time', async () => {
    const request = await leaver('jana.keller', 10);
    await request.status('awaiting_approval');
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    expect((await request.outcomes())['remove_phone_number']).toBeNull();
    expect((await request.row()).status).toBe('awaiting_approval');
    expect(await kindsOf(request)).toContain('locked_out');
    await request.decide('approve');
    await eventually('the rest waits for its time', async () => {
      const { waiting_for: waiting } = await request.run();
      return (waiting as { kind?: string } | null)?.kind === 'time';
    });
    await request.giveAct({ act: 'reschedule', stepId: 'remove_phone_number', at: inDays(0) });
    await request.runIs('completed');
    await request.status('closed');
  });

  it('after the approval does not wait for the hour; what only tidies up does', async () => {
    const request = await leaver('daniel.fuchs', 10);
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'lock_out' });
    await stepIs(request, 'disable_sign_in', 'succeeded');
    expect((await request.outcomes())['remove_phone_number']).toBeNull();
    await expect(request.giveAct({ act: 'lock_out' })).rejects.toMatchObject({ code: 'act.not_possible' });
  });
});

describe('a step that failed', () => {
  const policy = () => `cn=default,ou=policies,${harness.sandbox.directories[TENANT]!.access.baseDn}`;

  it('is tried again while the run goes on, when an operator says so', async () => {
    await probe.replace(policy(), 'pwdMinLength', ['200']);
    const steps = ['reset_password', 'disable_sign_in', 'move_to_leavers', 'delete_user'] as const;
    const request = await leaver('claudia.boehm', 0, { steps });
    await request.decide('approve');
    await stepIs(request, 'reset_password', 'failed');
    await eventually('it waits for the deletion', async () => (await request.run()).status === 'waiting');
    await probe.replace(policy(), 'pwdMinLength', ['12']);
    await request.giveAct({ act: 'retry', stepId: 'reset_password' });
    await stepIs(request, 'reset_password', 'succeeded');
    await request.giveAct({ act: 'skip', stepId: 'delete_user' });
    await request.runIs('completed_with_errors');
  });
});
