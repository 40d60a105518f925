import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, systemClock } from '#libs/kernel';
import type { RunAct } from '#libs/process/model';
import { actSignal, decisionSignal } from '#workflows';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { ensureShortHistories, SHORT_HISTORIES } from '../support/short-histories.js';

/** Runs that go on in a new history because theirs has become long: by the server's word, after 60 events here. */
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  await ensureShortHistories();
  harness = await startProcessHarness({ temporalNamespace: SHORT_HISTORIES });
});
afterAll(() => harness?.stop());

const inDays = (days: number): string => new Date(systemClock.now().getTime() + days * 86_400_000).toISOString();
const waitsFor = (request: SubmittedRequest, kind: string) =>
  eventually(`the run waits for ${kind}`, async () => {
    const waiting = (await request.run()).waiting_for as { kind?: string } | null;
    return waiting?.kind === kind ? waiting : null;
  });

/** The id of the workflow's present execution: another one in each history. */
const historyOf = async ({ handle }: SubmittedRequest): Promise<string> =>
  (await harness.temporal.workflow.getHandle(handle.workflowId).describe()).runId;

/** Signals acts again that the workflow took before, as a bridge does that died before its inbox row. */
async function repeatActs(request: SubmittedRequest, act: string, times = 1): Promise<void> {
  const given = await harness.database.admin
    .selectFrom('acts')
    .selectAll()
    .where('request_id', '=', request.id)
    .where('act', '=', act)
    .execute();
  const messages = given.map(({ id, message }) => ({ eventId: id, recorded: true, act: message as RunAct }));
  const repeated = Array.from({ length: times }, () => messages).flat();
  await Promise.all(repeated.map((message) => request.handle.signal(actSignal, message)));
}

/** Messages that change nothing, until the run goes on in a new history. */
async function fillHistory(request: SubmittedRequest, act: string): Promise<void> {
  const before = await historyOf(request);
  await eventually('it goes on in a new history', async () => {
    if ((await historyOf(request)) !== before) return true;
    await repeatActs(request, act, 12);
    return false;
  });
}

describe('a paused run with a difference that waits, whose history becomes long', () => {
  it('goes on in a new one with all of it, and each step happens once', async () => {
    const user = 'jana.keller';
    const steps = ['disable_sign_in', 'remove_from_groups', 'remove_phone_number', 'move_to_leavers'] as const;
    const request = await harness.submit({ user, startsAt: inDays(5), steps });
    await request.status('awaiting_approval');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', ['+49 221 996']);
    await request.decide('approve');
    await waitsFor(request, 'approval');
    await request.giveAct({ act: 'pause' });
    await waitsFor(request, 'resume');
    await request.giveAct({ act: 'resume' });
    await waitsFor(request, 'approval');
    await request.giveAct({ act: 'pause' });
    await waitsFor(request, 'resume');
    await fillHistory(request, 'pause');

    // what was taken before is known: the first pause does not come again
    await request.giveAct({ act: 'reschedule', stepId: 'disable_sign_in', at: inDays(0) });
    expect(Object.values(await request.outcomes())).toEqual([null, null, null, null]);
    await request.giveAct({ act: 'resume' });
    await eventually('sign-in is disabled', async () => (await request.outcomes())['disable_sign_in'] === 'succeeded');
    await repeatActs(request, 'pause');
    await fillHistory(request, 'reschedule');
    expect(await request.row()).toMatchObject({ status: 'awaiting_approval', plan_revision: 2 });

    await request.decide('approve');
    await waitsFor(request, 'time');
    for (const stepId of steps.slice(1)) await request.giveAct({ act: 'reschedule', stepId, at: inDays(0) });
    await request.runIs('completed');
    await request.status('closed');
    const lines = (await request.timeline()).map(({ kind, step_id: stepId }) => (stepId ? `${kind} ${stepId}` : kind));
    const once = ['difference_presented', 'difference_approved', 'run_ended', ...steps.map((id) => `step_ended ${id}`)];
    for (const line of once) expect(lines.filter((other) => other === line)).toEqual([line]);
    expect((await request.steps()).map((step) => [step.outcome, step.attempt])).toEqual(
      steps.map(() => ['succeeded', 1]),
    );
    const ended = (await request.events()).filter(({ type }) => type.includes('process.step.ended'));
    expect(ended).toHaveLength(steps.length);
  });
});

describe('a run whose history was long before it began', () => {
  it('reminds of a manual step in the history in which that became due', async () => {
    const assignee = 'empfang@muster.example';
    const notebook = { title: 'Collect the notebook', instructions: null, offsetDays: 0, dueDays: 0, assignee };
    const request = await harness.submit({ user: 'daniel.fuchs', steps: ['delete_user'], manualSteps: [notebook] });
    await request.status('awaiting_approval');
    const stray = { decision: 'approve', revision: 1, planHash: 'f'.repeat(64) } as const;
    const strays = Array.from({ length: 60 }, () => ({ ...stray, eventId: newId() }));
    await Promise.all(strays.map((message) => request.handle.signal(decisionSignal, message)));
    const before = await historyOf(request);
    await request.decide('approve');
    await eventually('the mail came', () =>
      harness.sandbox.mail.mails.list().some((mail) => mail.to.includes(assignee)),
    );
    await eventually('it goes on in a new history', async () => (await historyOf(request)) !== before);
    await request.giveAct({ act: 'complete', stepId: 'manual_1' });
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
    expect(await request.outcomes()).toEqual({ manual_1: 'succeeded', delete_user: 'skipped' });
    const reminders = (await request.events()).filter(({ type }) => type.includes('step.reminded'));
    expect(reminders).toHaveLength(1);
  });
});
