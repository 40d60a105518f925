import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import { newId, systemClock } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { initialPassword } from '../../tools/sandbox/index.js';
import { decisionSignal } from '#workflows';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;

beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

const directory = () => harness.sandbox.directories[TENANT]!;

const probe = new DirectoryProbe(directory);

/** The new password as it lies sealed for the step; opened with the test's own master key. */
async function sealedPassword(runId: string): Promise<string> {
  const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 1 }, 'test');
  const sealed = new SealedValues(database, openKeyRing(harness.config.masterKeys));
  const fail = (): never => {
    throw new Error('nothing is sealed under this name');
  };
  return sealed
    .sealOnce(TENANT, `${TENANT}/${runId}/reset_password`, 'new-password', fail)
    .finally(() => database.destroy());
}

const IN_AN_HOUR = () => new Date(systemClock.now().getTime() + 3_600_000).toISOString();

describe('a leaver', () => {
  it('is planned, approved, off-boarded, read back and closed', async () => {
    const request = await harness.submit({ user: 'jana.keller', notify: { mail: ['boss@muster.example'] } });
    await request.decide('approve');
    const closed = await request.status('closed');
    expect(await request.outcomes()).toEqual({
      reset_password: 'succeeded',
      disable_sign_in: 'succeeded',
      remove_from_groups: 'succeeded',
      remove_phone_number: 'succeeded',
      move_to_leavers: 'succeeded',
      notify_mail: 'succeeded',
    });
    expect((await request.run()).status).toBe('completed');
    expect(closed.problem).toBeNull();
    const entry = await probe.entryOf('jana.keller');
    expect(entry.dn).toContain('ou=leavers');
    expect(entry['pwdAccountLockedTime']).toEqual(['000001010000Z']);
    expect(entry['telephoneNumber']).toBeUndefined();
    const mails = harness.sandbox.mail.mails.list((mail) => JSON.stringify(mail.to).includes('boss@muster.example'));
    expect(mails).toHaveLength(1);
  });

  it('has every step with its before-image and evidence, and no password anywhere', async () => {
    const request = await harness.submit({ user: 'daniel.fuchs' });
    await request.decide('approve');
    await request.status('closed');
    const steps = await request.steps();
    expect(
      steps.map((step) => [step.step_id, step.before_image !== null, step.evidence !== null, step.attempt]),
    ).toEqual(steps.map((step) => [step.step_id, true, true, 1]));
    const everything = JSON.stringify([
      await request.row(),
      steps,
      await request.timeline(),
      await request.events(),
      await request.run(),
    ]);
    const history = await harness.payloads.readableHistory(request.handle);
    const password = await sealedPassword((await request.run()).id);
    expect(password.length).toBeGreaterThan(20);
    expect(everything + history).not.toContain(password);
    expect(history).toContain('disable_sign_in');
    expect(JSON.stringify(await request.handle.fetchHistory())).not.toContain('disable_sign_in');
    expect(everything).not.toContain('userPassword');
    expect(everything).not.toMatch(/\{SSHA\}|\{ARGON2/i);
    const kinds = (await request.timeline()).map((entry) => entry.kind);
    expect(kinds.slice(0, 2)).toEqual(['requested', 'approved']);
    expect(kinds.at(-1)).toBe('run_ended');
    expect(kinds.filter((kind) => kind === 'step_ended')).toHaveLength(5);
    const types = (await request.events()).map((event) => event.type.replace('de.stellwerk.', ''));
    expect(types.filter((type) => type === 'process.step.ended.v1')).toHaveLength(5);
    expect(types).toEqual(
      expect.arrayContaining([
        'request.plan.presented.v1',
        'process.run.started.v1',
        'process.run.ended.v1',
        'request.request.closed.v1',
      ]),
    );
  });

  it('cannot sign in with the old password any more', async () => {
    const client = new Client({ url: directory().access.url });
    await expect(
      client.bind((await probe.entryOf('daniel.fuchs')).dn, initialPassword(TENANT, 'daniel.fuchs')),
    ).rejects.toThrow();
    await client.unbind();
  });

  it('who is unknown refuses the request with the directory’s problem', async () => {
    const request = await harness.submit({ user: 'nobody.here' });
    const row = await request.status('refused');
    expect(row.problem).toMatchObject({
      code: 'directory.user_not_found',
      type: 'urn:stellwerk:problem:directory.user_not_found',
    });
    expect((await request.events()).at(-1)).toMatchObject({
      type: 'de.stellwerk.request.request.refused.v1',
      data: { code: 'directory.user_not_found' },
    });
  });

  it('whose plan is rejected stays as they are', async () => {
    const request = await harness.submit({ user: 'heike.brandt' });
    await request.decide('reject', 'She stays.');
    await request.handle.result();
    expect((await request.row()).status).toBe('rejected');
    expect((await probe.entryOf('heike.brandt')).dn).toContain('ou=people');
  });

  it('waits visibly for the last working hour', async () => {
    const startsAt = IN_AN_HOUR();
    const request = await harness.submit({ user: 'oliver.stein', startsAt });
    await request.decide('approve');
    const run = await request.runIs('waiting');
    expect(run.waiting_for).toEqual({ kind: 'time', until: startsAt });
    await request.act({ act: 'cancel', undo: false, reason: 'not yet' });
    await request.status('closed');
    expect((await request.run()).status).toBe('cancelled');
    expect(new Set(Object.values(await request.outcomes()))).toEqual(new Set(['skipped']));
  });
});

describe('a directory that cannot be reached', () => {
  it('is waited for while planning, visibly, and planning goes on by itself', async () => {
    await directory().gate.offline();
    const request = await harness.submit({ user: 'heike.brandt' });
    const waiting = await expectWait(async () => (await request.row()).waiting_for);
    expect(waiting).toMatchObject({ kind: 'system', code: 'connector.system_unreachable' });
    await directory().gate.online();
    await request.status('awaiting_approval');
    await request.decide('reject');
  });

  it('is waited for during the run, visibly, and the run completes', async () => {
    const request = await harness.submit({ user: 'ralf.zimmermann' });
    await request.status('awaiting_approval');
    await directory().gate.offline();
    await request.decide('approve');
    const waiting = await expectWait(
      async () => ((await request.row()).run_id ? (await request.run()).waiting_for : null),
      'system',
    );
    expect(waiting).toMatchObject({ system: 'directory', code: 'connector.system_unreachable' });
    await directory().gate.online();
    await request.status('closed');
    expect((await request.run()).status).toBe('completed');
    expect((await request.timeline()).map((entry) => entry.kind)).toContain('step_waiting');
  });
});

/** Waits until something shows that it waits. */
async function expectWait(look: () => Promise<unknown>, kind = 'system'): Promise<unknown> {
  return eventually(`a wait for ${kind}`, async () => {
    const waiting = (await look()) as { kind?: string } | null;
    return waiting?.kind === kind ? waiting : null;
  });
}

describe('a directory that refuses the password', () => {
  const policy = () => `cn=default,ou=policies,${directory().access.baseDn}`;

  it('fails that step with its problem, and sign-in is disabled all the same', async () => {
    await probe.replace(policy(), 'pwdMinLength', ['200']);
    const request = await harness.submit({ user: 'claudia.boehm' });
    await request.decide('approve');
    await request.status('closed');
    await probe.replace(policy(), 'pwdMinLength', ['12']);
    expect(await request.outcomes()).toMatchObject({
      reset_password: 'failed',
      disable_sign_in: 'succeeded',
      remove_from_groups: 'succeeded',
    });
    expect((await request.run()).status).toBe('completed_with_errors');
    const failed = (await request.steps()).find((step) => step.step_id === 'reset_password')!;
    expect(failed.problem).toMatchObject({ code: 'directory.password_refused' });
    await request.giveAct({ act: 'retry', stepId: 'reset_password', reason: 'The policy is mended.' });
    await request.runIs('completed');
    await request.status('closed');
    expect(await request.outcomes()).toMatchObject({ reset_password: 'succeeded', move_to_leavers: 'succeeded' });
    expect((await request.run()).workflow_id).toContain('muster/rework/');
  });
});

describe('drift', () => {
  it('holds the step it touches, not the rest, and asks for approval of the difference', async () => {
    const user = 'sven.lindner';
    const request = await harness.submit({ user });
    const planned = await request.status('awaiting_approval');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', ['+49 221 999']);
    await request.decide('approve');
    const again = await request.status('awaiting_approval');
    expect(again.plan_revision).toBe(2);
    expect(again.plan_hash).not.toBe(planned.plan_hash);
    const held = (await request.steps()).find((step) => step.step_id === 'remove_phone_number')!;
    expect(held).toMatchObject({
      status: 'held',
      drift: { fields: [{ field: 'telephoneNumber', found: expect.anything() }] },
    });
    await expectOutcomes(request, {
      disable_sign_in: 'succeeded',
      reset_password: 'succeeded',
      remove_from_groups: 'succeeded',
      move_to_leavers: null,
    });
    await request.decide('approve');
    await request.status('closed');
    expect((await request.run()).status).toBe('completed');
    expect((await request.events()).map((event) => event.type)).toContain('de.stellwerk.process.drift.found.v1');
  });

  it('whose difference is rejected leaves that step out, with the reason', async () => {
    const user = 'piotr.nowak';
    const request = await harness.submit({ user });
    await request.status('awaiting_approval');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', ['+49 221 998']);
    await request.decide('approve');
    await request.status('awaiting_approval');
    await request.decide('reject', 'keep the number');
    await request.status('closed');
    const step = (await request.steps()).find((row) => row.step_id === 'remove_phone_number')!;
    expect(step).toMatchObject({ outcome: 'skipped', reason: 'keep the number' });
    expect((await probe.entryOf(user))['telephoneNumber']).toEqual(['+49 221 998']);
    expect((await request.run()).status).toBe('completed_with_errors');
  });

  it('is none where the value is what the plan wants', async () => {
    const user = 'mehmet.oeztuerk';
    const request = await harness.submit({ user });
    await request.status('awaiting_approval');
    await probe.replace(probe.dnOf(user), 'telephoneNumber', []);
    await probe.replace(probe.dnOf(user), 'mobile', []);
    await request.decide('approve');
    await request.status('closed');
    expect(await request.outcomes()).toMatchObject({ remove_phone_number: 'already_in_desired_state' });
    expect((await request.run()).status).toBe('completed');
  });

  it('of the identity holds everything and raises an alarm', async () => {
    const user = 'ulrike.loewe';
    const request = await harness.submit({ user });
    await request.status('awaiting_approval');
    await probe.asAdministrator(async (client) => {
      const { searchEntries } = await client.search(probe.dnOf(user), {
        scope: 'base',
        attributes: ['objectClass', 'uid', 'cn', 'sn', 'mail'],
      });
      const { dn, ...attributes } = searchEntries[0]!;
      await client.del(dn);
      await client.add(dn, attributes as Record<string, string | string[]>);
    });
    await request.decide('approve');
    await request.status('awaiting_approval');
    expect(Object.values(await request.outcomes()).every((outcome) => outcome === null)).toBe(true);
    const drift = (await request.events()).find((event) => event.type.endsWith('process.drift.found.v1'));
    expect(drift?.data).toMatchObject({ alarm: true });
    await request.decide('reject', 'that is somebody else');
    await request.status('closed');
    expect((await probe.entryOf(user)).dn).toContain('ou=people');
  });
});

async function expectOutcomes(
  request: { outcomes(): Promise<Record<string, unknown>> },
  expected: Record<string, unknown>,
): Promise<void> {
  await eventually('the other steps ended', async () => {
    const seen = await request.outcomes();
    return Object.entries(expected).every(([step, outcome]) => seen[step] === outcome)
      ? true
      : Promise.reject(new Error(JSON.stringify(seen)));
  });
}

describe('people’s acts', () => {
  it('cancelling with undo takes back what was written', async () => {
    const user = 'guenther.gross';
    const before = await probe.entryOf(user);
    const request = await harness.submit({ user, steps: ['remove_phone_number', 'disable_sign_in', 'delete_user'] });
    await request.decide('approve');
    await expectOutcomes(request, {
      remove_phone_number: 'succeeded',
      disable_sign_in: 'succeeded',
      delete_user: null,
    });
    await request.act({ act: 'cancel', undo: true, reason: 'wrong person' });
    await request.status('closed');
    expect(await request.outcomes()).toEqual({
      remove_phone_number: 'compensated',
      disable_sign_in: 'compensated',
      delete_user: 'skipped',
    });
    expect(await probe.entryOf(user)).toEqual(before);
  });

  it('sent twice under one event id count once', async () => {
    const request = await harness.submit({ user: 'monika.schaefer', startsAt: IN_AN_HOUR() });
    await request.decide('approve');
    await request.runIs('waiting');
    const eventId = '01975d1c-7a00-7000-8000-00000000000a';
    await request.act({ act: 'pause' }, eventId);
    await request.act({ act: 'pause' }, eventId);
    await request.act({ act: 'resume' });
    await request.act({ act: 'cancel', undo: false, reason: 'done' });
    await request.status('closed');
    expect(
      (await request.timeline()).filter((entry) => entry.kind.startsWith('act_')).map((entry) => entry.kind),
    ).toEqual(['act_pause', 'act_resume', 'act_cancel']);
  });
});

describe('messages that are not ours', () => {
  const forged = (more: object) => ({
    eventId: newId(),
    decision: 'approve' as const,
    revision: 1,
    planHash: 'f'.repeat(64),
    decidedBy: 'nobody@nowhere',
    reason: null,
    ...more,
  });

  it('do not approve: a forged approval with the right hash begins no run', async () => {
    const request = await harness.submit({ user: 'daniel.fuchs', steps: ['disable_sign_in'] });
    const { plan_hash: planHash } = await request.status('awaiting_approval');
    await request.handle.signal(decisionSignal, forged({ planHash: planHash! }));
    await request.handle.signal(decisionSignal, forged({}));
    await request.decide('reject', 'not her');
    await request.handle.result();
    expect(await request.row()).toMatchObject({ status: 'rejected', run_id: null });
  });

  it('do not disturb: decisions on other plans leave a waiting run as it is', async () => {
    const request = await harness.submit({ user: 'daniel.fuchs', startsAt: IN_AN_HOUR(), steps: ['delete_user'] });
    const { plan_hash: planHash } = await request.status('awaiting_approval');
    await request.decide('approve');
    await request.runIs('waiting');
    for (const more of [{ planHash: planHash! }, {}, { revision: 0 }, { revision: 2 }])
      await request.handle.signal(decisionSignal, forged(more));
    await request.act({ act: 'pause' });
    await eventually('the act is on the timeline', async () =>
      (await request.timeline()).some((entry) => entry.kind === 'act_pause'),
    );
    expect((await request.handle.describe()).raw.pendingWorkflowTask?.attempt ?? 1).toBe(1);
    await request.act({ act: 'cancel', undo: false, reason: 'done' });
    await request.status('closed');
  });
});

describe('a worker that goes away', () => {
  it('loses nothing: approval and run go on when it is back', async () => {
    const request = await harness.submit({ user: 'sabine.uebelacker' });
    await request.status('awaiting_approval');
    await harness.stopWorker();
    await request.decide('approve');
    await harness.restartWorker();
    await request.status('closed');
    expect([...new Set(Object.values(await request.outcomes()))]).toEqual(['succeeded']);
    expect((await request.run()).status).toBe('completed');
  });
});
