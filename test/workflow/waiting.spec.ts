import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { endLive, goLive } from '../support/api/tenancy.factory.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';
import { leaveTimeToTheServer, startTimeSkipping } from '../support/time-skipping.js';

/** Waits of days, on the time-skipping server; everything else is real. */
let environment: TestWorkflowEnvironment;
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  environment = await startTimeSkipping();
  harness = await startProcessHarness({ temporalAddress: environment.address, temporalNamespace: 'default' });
  await leaveTimeToTheServer(harness.database);
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

  it('is locked out at the hour although the customer was suspended meanwhile: what was approved goes on', async () => {
    const user = 'sven.lindner';
    const request = await harness.submit({ user, startsAt: await inDays(20), steps: ['disable_sign_in'] });
    await request.decide('approve');
    await request.runIs('waiting');
    const { admin } = harness.database;
    const set = (status: 'active' | 'suspended') =>
      admin.updateTable('tenants').set({ status }).where('id', '=', TENANT).execute();
    await set('suspended');
    try {
      await environment.client.workflow.getHandle(request.handle.workflowId).result();
      expect(await request.outcomes()).toEqual({ disable_sign_in: 'succeeded' });
    } finally {
      await set('active');
    }
  });

  it('is locked out at the hour although the agreement ended meanwhile; the rest waits for the next one', async () => {
    const user = 'heike.brandt';
    const steps = ['disable_sign_in', 'remove_phone_number'] as const;
    const request = await harness.submit({ user, startsAt: await inDays(20), steps: [...steps] });
    await request.decide('approve');
    await request.runIs('waiting');
    const { admin } = harness.database;
    await endLive(admin, TENANT);
    try {
      await environment.sleep('481 hours');
      const waits = async () => ((await request.runIs('waiting')).waiting_for as { kind: string }).kind === 'agreement';
      await eventually('the run waits for an agreement', waits);
      expect(await request.outcomes()).toMatchObject({ disable_sign_in: 'succeeded', remove_phone_number: null });
    } finally {
      await goLive(admin, TENANT);
    }
    await environment.client.workflow.getHandle(request.handle.workflowId).result();
    expect(await request.outcomes()).toEqual({ disable_sign_in: 'succeeded', remove_phone_number: 'succeeded' });
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

describe('a leaver whom nobody approves', () => {
  it('is called for ever more loudly before the deadline, and at it', async () => {
    const deadlineMinutes = { disable_sign_in: 15 };
    const request = await harness.submit({
      user: 'oliver.stein',
      startsAt: await inDays(2),
      steps: ['disable_sign_in'],
      deadlineMinutes,
    });
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
    expect((await request.row()).escalation).toMatchObject({ level: 5, missed: true });
  });
});

describe('a leaver whose plan cannot be drawn, because the directory cannot be reached', () => {
  it('is called for before the deadline and at it all the same', async () => {
    const { gate } = harness.sandbox.directories[TENANT]!;
    await gate.offline();
    const request = await harness.submit({
      user: 'heike.brandt',
      startsAt: await inDays(10 / 1440),
      steps: ['disable_sign_in'],
      deadlineMinutes: { disable_sign_in: 15 },
    });
    await eventually('the directory is waited for', async () => (await request.row()).waiting_for !== null);
    await environment.sleep('26 minutes');
    const levels = await eventually('the deadline was told', async () => {
      const events = (await request.events()).filter((event) => event.type.includes('approval.escalated'));
      return events.some(({ data }) => data['missed']) ? events.map(({ data }) => data['level']) : null;
    });
    expect(levels).toEqual([3, 4, 5]);
    expect(await request.row()).toMatchObject({ status: 'planning', escalation: { level: 5, missed: true } });
    await gate.online();
    await request.decide('approve');
    await request.runIs('completed');
    expect((await request.events()).filter((event) => event.type.includes('approval.escalated'))).toHaveLength(3);
  });
});

describe('a leaver who is not locked out in time', () => {
  it('is an alarm, once, and the lock-out happens all the same', async () => {
    const request = await harness.submit({
      user: 'ralf.zimmermann',
      startsAt: await inDays(2),
      steps: ['disable_sign_in'],
      deadlineMinutes: { disable_sign_in: 15 },
    });
    await request.decide('approve');
    await request.runIs('waiting');
    await request.giveAct({ act: 'pause' });
    await environment.sleep('3 days');
    const missed = await eventually('the deadline was told', async () => {
      const events = (await request.events()).filter((event) => event.type.includes('deadline.missed'));
      return events.length > 0 ? events : null;
    });
    expect(missed.map((event) => event.data['steps'])).toEqual([['disable_sign_in']]);
    expect((await request.steps())[0]!.deadline_missed_at).not.toBeNull();
    await request.giveAct({ act: 'resume' });
    await request.runIs('completed');
    expect((await request.events()).filter((event) => event.type.includes('deadline.missed'))).toHaveLength(1);
  });
});

describe('a leaver who stays after all', () => {
  it('raises no alarm at the deadline, though the engine has not heard of it', async () => {
    const request = await harness.submit({
      user: 'monika.schaefer',
      startsAt: await inDays(2),
      steps: ['disable_sign_in'],
      deadlineMinutes: { disable_sign_in: 15 },
    });
    await request.decide('approve');
    await request.runIs('waiting');
    const cancel = await request.giveUntold({ act: 'cancel', reason: 'She stays.' });
    await environment.sleep('49 hours');
    await cancel();
    await request.runIs('cancelled');
    expect((await request.events()).filter((event) => event.type.includes('deadline.missed'))).toEqual([]);
    expect((await request.steps())[0]!.deadline_missed_at).toBeNull();
  });
});

describe('a step that a person does', () => {
  it('waits for them, reminds them by mail, and ends by their word, with who gave it', async () => {
    const notebook = { title: 'Collect the notebook', instructions: null, offsetDays: 0, dueDays: 3 };
    const own = { ...notebook, title: 'Hand the keys in', assignee: 'sabine.uebelacker@muster.example' };
    const manualSteps = [{ ...notebook, assignee: 'empfang@muster.example' }, own];
    const request = await harness.submit({
      user: 'sabine.uebelacker',
      startsAt: await inDays(0),
      steps: ['remove_phone_number'],
      manualSteps,
    });
    await request.decide('approve');
    await eventually('it is in her hands', async () => {
      const { waiting_for: waiting } = await request.run();
      return (waiting as { kind?: string } | null)?.kind === 'person';
    });
    // it has become confidential meanwhile
    await harness.database.admin
      .updateTable('requests')
      .set({ confidential_until: '2099-01-01T00:00:00Z', confidants: ['operator@msp'] })
      .where('id', '=', request.id)
      .execute();
    await environment.sleep('4 days');
    const reminders = await eventually('both reminders were told', async () => {
      const told = (await request.events()).filter(
        ({ type, data }) => type.includes('step.reminded') && data['stepId'] === 'manual_1',
      );
      return told.length === 2 ? told.map((event) => event.data['number']) : null;
    });
    expect(reminders).toEqual([1, 2]);
    const mail = await eventually('the mail came', async () =>
      harness.sandbox.mail.mails.list().find(({ to }) => to.includes('empfang@muster.example')),
    );
    expect(`${mail.subject}\n${mail.text}`).toContain(request.id);
    expect(`${mail.subject}\n${mail.text}`).not.toMatch(/notebook|sabine/i);
    // a leaver is asked for nothing
    expect(harness.sandbox.mail.mails.list(({ to }) => to.some((one) => one.startsWith('sabine.')))).toEqual([]);
    await request.giveAct({ act: 'complete', stepId: 'manual_2' });
    await request.giveAct({ act: 'complete', stepId: 'manual_1', reason: 'Handed in, charger missing.' });
    await request.runIs('completed');
    const step = (await request.steps()).find((row) => row.step_id === 'manual_1')!;
    expect(step).toMatchObject({
      outcome: 'succeeded',
      evidence: { doneBy: 'operator@msp', note: 'Handed in, charger missing.' },
    });
  });
});
