import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import { json } from '#libs/platform/database';
import type { Plan, PlanStep } from '#libs/process/model';
import { fresh, startApiFixture, type ApiAnswer, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

/** An instant (UTC) so many days and hours from now, on the minute. */
const inDays = (days: number, hours = 0): string => {
  const at = systemClock.now().getTime() + days * 86_400_000 + hours * 3_600_000;
  return new Date(Math.floor(at / 60_000) * 60_000).toISOString();
};

const act = (id: string, body: object, as: Who = 'msp/operator'): Promise<ApiAnswer> => {
  const headers = { 'stellwerk-tenant': 'muster', ...fresh() };
  return fixture.call('POST', `/v1/requests/${id}/acts`, {
    as,
    headers,
    body: { reason: 'Frau Roth asked.', ...body },
  });
};
const admin = () => fixture.database.admin;
const requestOf = (id: string) =>
  admin().selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const EFFECT = { identity: null, changes: [], irreversible: null, notes: [], kept: [] };
const step = (id: string, more: Partial<PlanStep> = {}): PlanStep => ({
  ...{ id, title: id, block: 'ldap.user.disable', system: 'directory', verb: 'apply', input: { user: 'eva.beck' } },
  ...{ dependsOn: [], accessCritical: false, runsAfterFailure: false, notBefore: null, undoable: true },
  ...{ effect: EFFECT, source: null },
  ...more,
});
const mail = step('notify_mail', {
  ...{ block: 'mail.send', system: 'mail' },
  input: { to: ['hr@muster.example'], subject: 'eva.beck is gone', text: 'eva.beck' },
});
const grantUntil = (until: string): PlanStep[] => {
  const input = { user: 'eva.beck', colleague: 'max', purpose: 'x', approver: 'boss', until };
  const source = { runId: null, stepId: 'data_access' };
  const given = step('data_access', { block: 'ldap.user.grant-access', input });
  return [given, { ...given, id: 'end_data_access', verb: 'undo', notBefore: until, source, input: { of: input } }];
};

/** An approved run of these steps that has not begun. */
async function waitingRun(startsAt: string, steps: readonly PlanStep[], row: object = {}, user = 'eva.beck') {
  const made = await RequestFactory.of('muster')
    .about(user)
    .with(row)
    .inStatus('approved')
    .withRun('waiting', { started: false })
    .in(admin());
  const subject = { kind: 'user' as const, name: user, identity: null };
  const plan: Plan = { process: 'offboarding', subject, revision: 1, startsAt, steps, remarks: [] };
  await admin()
    .updateTable('runs')
    .set({ plan: json(plan) })
    .where('id', '=', made.runId)
    .execute();
  const rows = steps.map(({ id, title, block, verb, system, notBefore }, position) => ({
    ...{
      tenant_id: 'muster',
      run_id: made.runId,
      step_id: id,
      position,
      title,
      block,
      verb,
      system,
      status: 'pending',
    },
    due_at: notBefore ?? startsAt,
  }));
  await admin().insertInto('run_steps').values(rows).execute();
  return made;
}

async function dueOf(runId: string): Promise<Record<string, string>> {
  const rows = await admin().selectFrom('run_steps').selectAll().where('run_id', '=', runId).execute();
  return Object.fromEntries(rows.map((row) => [row.step_id, row.due_at!.toISOString()]));
}

describe('an act before there is a run', () => {
  it('is on the request with who, why and on whose word', async () => {
    const { id } = await RequestFactory.of('muster').in(admin());
    const verifiedCall = 'Frau Roth, called back at the number on file';
    expect((await act(id, { act: 'reschedule', at: inDays(9) })).status).toBe(200);
    expect((await act(id, { act: 'lock_out', verifiedCall })).status).toBe(200);
    const { body } = await fixture.call('GET', `/v1/requests/${id}`, { as: 'muster/auditor' });
    expect(body.acts).toMatchObject([
      { act: 'reschedule', reason: 'Frau Roth asked.', details: { at: inDays(9) }, givenBy: 'operator@msp' },
      { act: 'lock_out', reason: 'Frau Roth asked.', details: { verifiedCall }, givenBy: 'operator@msp' },
    ]);
  });

  it('is not one’s own affair', async () => {
    const { id } = await RequestFactory.of('muster').about('Customer_Admin').planned().in(admin());
    for (const body of [{ act: 'cancel' }, { act: 'reschedule', at: inDays(9) }]) {
      const refused = await act(id, body, 'muster/customer_admin');
      expect(refused).toMatchObject({ status: 403, body: { code: 'act.leaver_cannot_act' } });
    }
    expect((await act(id, { act: 'cancel' })).status).toBe(200);
  });

  it('moves the time as it is shown, and refuses a start after a grant’s end', async () => {
    const grants = [{ kind: 'data_access', to: 'max', text: null, purpose: 'x', approver: 'b', until: inDays(12) }];
    const body = { type: 'offboarding', user: 'eva.beck', startsAt: inDays(5), lastWorkingAt: inDays(5), grants };
    const { id } = await RequestFactory.of('muster')
      .with({ body: json(body) })
      .in(admin());
    const refused = await act(id, { act: 'reschedule', at: inDays(13) });
    expect(refused).toMatchObject({ status: 409, body: { code: 'act.not_possible' } });
    expect((await act(id, { act: 'reschedule', at: inDays(11) })).status).toBe(200);
    expect((await requestOf(id)).body).toMatchObject({ startsAt: inDays(11), lastWorkingAt: inDays(11) });
  });
});

describe('a confidential request that is put off', () => {
  const until = inDays(5);
  const secret = { confidential_until: until, confidants: ['operator@msp'] };
  const ends = async (id: string) => (await requestOf(id)).confidential_until!.toISOString();

  it('stays so until the lock-out, or until the date that somebody named', async () => {
    const own = await RequestFactory.of('muster')
      .with({ ...secret, confidential_until_start: true })
      .in(admin());
    const dated = await RequestFactory.of('muster').with(secret).in(admin());
    for (const { id } of [own, dated]) await act(id, { act: 'reschedule', at: inDays(9) });
    expect([await ends(own.id), await ends(dated.id)]).toEqual([inDays(9), until]);
  });

  it('stays so with its run, and with the lock-out alone', async () => {
    const steps = [step('disable_sign_in', { accessCritical: true }), mail];
    const run = () => waitingRun(until, steps, { ...secret, confidential_until_start: true });
    const [whole, single] = [await run(), await run()];
    expect((await act(whole.id, { act: 'reschedule', at: inDays(9) })).status).toBe(200);
    await act(single.id, { act: 'reschedule', stepId: 'disable_sign_in', at: inDays(9) });
    expect([await ends(whole.id), await ends(single.id)]).toEqual([inDays(9), inDays(9)]);
    expect(await dueOf(single.runId)).toEqual({ disable_sign_in: inDays(9), notify_mail: inDays(9) });
  });

  it('tells no name before its date when it is brought forward', async () => {
    const { id, runId } = await waitingRun(until, [step('disable_sign_in', { accessCritical: true }), mail], secret);
    expect((await act(id, { act: 'reschedule', at: inDays(2) })).status).toBe(200);
    expect(await dueOf(runId)).toEqual({ disable_sign_in: inDays(2), notify_mail: until });
    const refused = await act(id, { act: 'reschedule', stepId: 'notify_mail', at: inDays(3) });
    expect(refused).toMatchObject({ status: 409, body: { code: 'act.not_possible' } });
  });
});

describe('a grant in a run that is moved', () => {
  it('ends when it was approved to end, or earlier', async () => {
    const until = inDays(20);
    const { id, runId } = await waitingRun(inDays(5), grantUntil(until));
    expect((await act(id, { act: 'reschedule', at: inDays(9) })).status).toBe(200);
    expect(await dueOf(runId)).toEqual({ data_access: inDays(9), end_data_access: until });
    const end = (at: string) => act(id, { act: 'reschedule', stepId: 'end_data_access', at });
    expect((await end(inDays(300))).body.code).toBe('act.not_possible');
    expect((await end(inDays(15))).status).toBe(200);
    expect((await end(until)).status).toBe(200);
    const late = await act(id, { act: 'reschedule', stepId: 'data_access', at: inDays(21) });
    expect(late.body.code).toBe('act.not_possible');
    expect((await act(id, { act: 'reschedule', at: inDays(21) })).body.code).toBe('act.not_possible');
  });

  it('is not moved as a whole once a step has begun', async () => {
    const { id } = await RequestFactory.of('muster')
      .inStatus('running')
      .withRun('waiting')
      .wrote('disable_sign_in', LOCKED)
      .in(admin());
    const refused = await act(id, { act: 'reschedule', at: inDays(9) });
    expect(refused).toMatchObject({ status: 409, body: { code: 'act.not_possible' } });
  });
});

describe('trying again in a run that ended', () => {
  async function failedRun(row: object = {}) {
    const made = await RequestFactory.of('muster')
      .with(row)
      .inStatus('closed')
      .withRun('completed_with_errors')
      .wrote('disable_sign_in', LOCKED)
      .in(admin());
    await admin().updateTable('run_steps').set({ outcome: 'failed' }).where('run_id', '=', made.runId).execute();
    return made;
  }
  const retry = (id: string) => act(id, { act: 'retry', stepId: 'disable_sign_in' });

  it('is refused while another request has its place, without saying which', async () => {
    const onlyOne = { only_one: 'offboarding:ida.nochmal' };
    const { id } = await failedRun(onlyOne);
    const other = await RequestFactory.of('muster').about('ida.nochmal').with(onlyOne).in(admin());
    const refused = await retry(id);
    expect(refused).toMatchObject({ status: 409, body: { code: 'act.not_possible' } });
    expect(refused.text).not.toContain(other.id);
    await admin().updateTable('requests').set({ status: 'closed' }).where('id', '=', other.id).execute();
    expect((await retry(id)).status).toBe(200);
  });

  it('is refused once the run was taken back', async () => {
    const { id, runId } = await failedRun();
    const body = json({ type: 'reinstatement', runId });
    const back = await RequestFactory.of('muster').with({ type: 'reinstatement', body }).inStatus('closed').in(admin());
    expect((await retry(id)).body.code).toBe('act.not_possible');
    await admin().updateTable('requests').set({ status: 'rejected' }).where('id', '=', back.id).execute();
    expect((await retry(id)).status).toBe(200);
  });
});

describe('the brake', () => {
  it('counts lock-outs that are moved on their own', async () => {
    const limit = { tenant_id: 'muster', accounts_per_hour: 2, last_administrator: 'refuse' as const };
    await admin()
      .insertInto('tenant_settings')
      .values({ ...limit, set_by: 'owner@msp' })
      .execute();
    const critical = step('disable_sign_in', { accessCritical: true });
    const move = async (user: string, at: string, stepId = 'disable_sign_in') => {
      const { id } = await waitingRun(inDays(5), [critical, step('tidy_up')], {}, user);
      return (await act(id, { act: 'reschedule', stepId, at })).status;
    };
    expect(await move('user.one', inDays(40))).toBe(200);
    expect(await move('user.two', inDays(40, 0.5))).toBe(200);
    expect(await move('user.three', inDays(40, 0.2))).toBe(409);
    expect(await move('user.three', inDays(40), 'tidy_up')).toBe(200);
    expect(await move('user.four', inDays(41))).toBe(200);
  });
});
