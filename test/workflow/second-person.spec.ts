import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, systemClock } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { openDatabase } from '#libs/platform/database';
import type { Plan } from '#libs/process/model';
import { decisionSignal, workflowIdOf } from '#workflows';
import { RecordActivitiesOnDatabase } from '../../apps/worker/activities/record.activities.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';

let harness: ProcessHarness;
beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

const admin = () => harness.database.admin;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

function protect(userName: string, rule: 'refuse' | 'second_person') {
  const account = { tenant_id: TENANT, user_name: userName, kind: 'director' as const, rule, note: null };
  return admin()
    .insertInto('protected_accounts')
    .values({ ...account, identity: null, set_by: 'owner@msp' })
    .execute();
}

async function planOf({ id }: SubmittedRequest) {
  const row = await admin().selectFrom('plans').selectAll().where('request_id', '=', id).executeTakeFirstOrThrow();
  return { ...row, plan: row.plan as Plan };
}

/** What the worker answers to an approval, whoever signals it. */
async function beginRun(request: SubmittedRequest) {
  const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 1 }, 'test');
  const workflowId = workflowIdOf(TENANT, 'offboarding', request.id);
  const task = { tenant: TENANT, requestId: request.id, revision: 1, workflowId, process: 'offboarding' };
  return new RecordActivitiesOnDatabase(database).beginRun(task).finally(() => database.destroy());
}

describe('a protected account', () => {
  it('that may not be touched has its request refused, and is known by its identity from then on', async () => {
    await protect('petra.vogelsang', 'refuse');
    const request = await harness.submit({ user: 'Petra.Vogelsang' });
    const { problem } = await request.status('refused');
    expect(problem).toMatchObject({ code: 'request.account_protected' });
    // the directory has told who that is: another name does not help
    const dn = probe.dnOf('petra.vogelsang');
    await probe.asAdministrator((client) => client.modifyDN(dn, dn.replace('petra.vogelsang', 'petra.neu')));
    const renamed = await harness.submit({ user: 'petra.neu' });
    expect((await renamed.status('refused')).problem).toMatchObject({ code: 'request.account_protected' });
  });

  it('runs only with its second person; the leaver is told nothing and the portal account closes', async () => {
    await protect('ralf.zimmermann', 'second_person');
    const key = { tenant_id: TENANT, id: newId(), role: 'requester', subject: 'ralf.zimmermann@muster', name: 'test' };
    await admin()
      .insertInto('api_keys')
      .values({ ...key, key_hash: hashOfApiKey(newApiKey()) })
      .execute();
    const own = String((await probe.entryOf('ralf.zimmermann'))['mail']);
    const request = await harness.submit({
      user: 'ralf.zimmermann',
      steps: ['disable_sign_in'],
      notify: { mail: [own, 'boss@muster.example'] },
    });
    const { waiting_for: waitingFor } = await request.status('awaiting_approval');
    expect(waitingFor).toMatchObject({ kind: 'approval', secondPerson: [{ code: 'request.account_protected' }] });
    const { plan, hash } = await planOf(request);
    expect(plan.remarks).toMatchObject([{ stepId: 'notify_mail', code: 'request.leaver_not_notified' }]);
    expect(plan.steps.find((step) => step.id === 'notify_mail')!.input['to']).toEqual(['boss@muster.example']);

    await request.decide('approve');
    expect(await beginRun(request)).toEqual({ runId: null });
    const given = { tenant_id: TENANT, request_id: request.id, revision: 1, id: newId(), plan_hash: hash };
    await admin()
      .insertInto('confirmations')
      .values({ ...given, confirmed_by: 'owner@msp', reason: null, codes: ['request.account_protected'] })
      .execute();
    await request.handle.signal(decisionSignal, { eventId: newId(), decision: 'approve', revision: 1, planHash: hash });
    await request.status('closed');
    expect(await request.outcomes()).toMatchObject({
      close_portal_account: 'succeeded',
      disable_sign_in: 'succeeded',
      notify_mail: 'succeeded',
    });
    const closed = await admin().selectFrom('api_keys').selectAll().where('id', '=', key.id).executeTakeFirstOrThrow();
    expect(closed.revoked_at).not.toBeNull();
    const approved = (await request.timeline()).find((line) => line.kind === 'approved');
    expect(approved!.data).toMatchObject({ confirmedBy: ['owner@msp'] });
    expect(harness.sandbox.mail.mails.list((mail) => JSON.stringify(mail.to).includes(own))).toEqual([]);
  });
});

describe('what is told of a confidential leaver', () => {
  it('before its date is the request’s id and no name', async () => {
    const request = await harness.submit({
      user: 'oliver.stein',
      steps: ['disable_sign_in'],
      notify: { mail: ['boss@muster.example'] },
    });
    await request.status('awaiting_approval');
    // it is planned anew for its new time, and has become confidential meanwhile
    await admin()
      .updateTable('requests')
      .set({ confidential_until: '2099-01-01T00:00:00Z', confidants: ['operator@msp'] })
      .where('id', '=', request.id)
      .execute();
    await request.giveAct({ act: 'reschedule', at: new Date(systemClock.now().getTime() + 3_600_000).toISOString() });
    const plan = await eventually('the second plan', async () => {
      const rows = await admin().selectFrom('plans').selectAll().where('request_id', '=', request.id).execute();
      return rows.length === 2 ? (rows.find((row) => row.revision === 2)!.plan as Plan) : null;
    });
    const told = plan.steps.filter((step) => step.id.startsWith('notify_')).map((step) => JSON.stringify(step.input));
    expect(told).toHaveLength(1);
    for (const text of told) {
      expect(text).toContain(request.id);
      expect(text.toLowerCase()).not.toContain('stein');
    }
    await request.decide('approve');
    const lines = await eventually('the run began', async () => {
      const { run_id: runId } = await request.row();
      return runId ? request.timeline() : null;
    });
    // what was done before there was a run is on its timeline
    expect(lines.map((line) => line.kind).slice(0, 3)).toEqual(['requested', 'act_reschedule', 'approved']);
    expect(lines[1]).toMatchObject({ who: 'operator@msp', data: { reason: 'The customer asked for it.' } });
    await request.giveAct({ act: 'cancel' });
    await request.runIs('cancelled');
  });
});

describe('the last administrator', () => {
  it('is refused, or needs a second person by the customer’s setting', async () => {
    const systems = admin().updateTable('systems').where('tenant_id', '=', TENANT).where('name', '=', 'directory');
    const { config } = await admin()
      .selectFrom('systems')
      .select('config')
      .where('tenant_id', '=', TENANT)
      .where('name', '=', 'directory')
      .executeTakeFirstOrThrow();
    await systems
      .set({ config: JSON.stringify({ ...config, administratorsGroups: ['zeiterfassung', 'erp'] }) })
      .execute();
    const refused = await harness.submit({ user: 'jana.keller' });
    expect((await refused.status('refused')).problem).toMatchObject({ code: 'request.account_protected' });
    await admin()
      .insertInto('tenant_settings')
      .values({ tenant_id: TENANT, accounts_per_hour: 10, last_administrator: 'second_person', set_by: 'owner@msp' })
      .execute();
    const held = await harness.submit({ user: 'jana.keller' });
    expect((await held.status('awaiting_approval')).waiting_for).toMatchObject({
      secondPerson: [{ code: 'directory.last_administrator', text: expect.stringContaining('zeiterfassung') }],
    });
    // erp has others who can sign in
    expect((await planOf(held)).confirmations).toHaveLength(1);
  });
});
