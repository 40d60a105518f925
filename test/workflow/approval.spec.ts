import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { DEFAULT_POLICY, type ApprovalPolicy } from '#libs/approvals';
import { newId } from '#libs/kernel';
import { LINK_PURPOSES, type LinkPurpose } from '#libs/platform/mailed-links';
import { newLinkToken, OneTimeLinks } from '#libs/platform/secrets';
import { openDatabase } from '#libs/platform/database';
import { decisionSignal, servedIdOf, type ServedInput } from '#workflows';
import type { RunningApi } from '../../apps/api/create-api.js';
import { PasskeyDevice } from '../support/identity/passkey-device.js';
import { PersonFactory } from '../support/api/people.factory.js';
import { localIn } from '../support/api/dates.js';
import { openTicketWith, putChains, targetsOf, watch } from '../support/escalation.js';
import { eventually } from '../support/eventually.js';
import { MailScanner } from '../support/mail-scanner.js';
import { ended, invited, linkIn, mailTo, startApiOf } from '../support/mailed.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { leaveTimeToTheServer, startTimeSkipping } from '../support/time-skipping.js';

/** Approvals by mail and by the clock, on the time-skipping server; mail, browser, API and database are real. */
let environment: TestWorkflowEnvironment;
let harness: ProcessHarness;
let api: RunningApi;
let scanner: MailScanner;

const ANNA = { kind: 'contact', mail: 'anna.chefin@muster.example', name: 'Anna Chefin', language: 'de' } as const;

beforeAll(async () => {
  environment = await startTimeSkipping();
  harness = await startProcessHarness({ temporalAddress: environment.address, temporalNamespace: 'default' });
  await leaveTimeToTheServer(harness.database);
  scanner = await MailScanner.start();
  api = await startApiOf(harness);
});
afterAll(async () => {
  await scanner?.stop();
  await api?.stop();
  await harness?.stop();
  await environment?.teardown();
});

const admin = () => harness.database.admin;
const mails = () => harness.sandbox.mail.mails.list();
const inDays = async (days: number): Promise<string> =>
  new Date((await environment.currentTimeMs()) + days * 86_400_000).toISOString();

let version = 0;
async function setPolicy(change: Partial<ApprovalPolicy>): Promise<void> {
  version += 1;
  const body = JSON.stringify({ ...DEFAULT_POLICY, ...change });
  const row = { tenant_id: TENANT, process: 'offboarding', version, body, created_by: 'customer_admin@muster' };
  await admin().insertInto('approval_policies').values(row).execute();
}
const stageOf = (...approvers: ApprovalPolicy['stages'][number]['approvers']) => [
  { approvers, needed: 1, rejections: 1 },
];

const roundOf = ({ id }: SubmittedRequest) =>
  admin()
    .selectFrom('approval_rounds')
    .selectAll()
    .where('request_id', '=', id)
    .orderBy('subject_revision', 'desc')
    .executeTakeFirstOrThrow();

/** A planned request with the workflow that its approvers are asked by, as the bridge starts it. */
async function asked(user: string, days = 20, prepare?: (request: SubmittedRequest) => Promise<unknown>) {
  harness.sandbox.mail.clear();
  const request = await harness.submit({
    user,
    startsAt: await inDays(days),
    steps: ['disable_sign_in', 'delete_user'],
  });
  await request.status('awaiting_approval');
  await prepare?.(request);
  const { id } = await roundOf(request);
  const handle = await harness.temporal.workflow.start('approval', {
    workflowId: servedIdOf(TENANT, 'approval', id),
    taskQueue: harness.config.temporal.taskQueue,
    args: [{ tenant: TENANT, id } satisfies ServedInput],
  });
  return { request, approvalId: id, handle };
}

/** Everything that an act, or something seen, could have changed. */
async function everything(): Promise<string> {
  const { rows } = await sql<{ all: string }>`
    SELECT md5(coalesce((SELECT string_agg(l::text, '' ORDER BY id) FROM mailed_links l), '') || coalesce((SELECT string_agg(o::text, '' ORDER BY id) FROM one_time_links o), '')
      || coalesce((SELECT string_agg(q::text, '' ORDER BY id) FROM requests q), '') || coalesce((SELECT string_agg(r::text, '' ORDER BY id) FROM approval_rounds r), '')
      || (SELECT count(*) FROM approval_votes) || (SELECT count(*) FROM decisions) || (SELECT count(*) FROM outbox) || (SELECT count(*) FROM audit_entries WHERE object_kind <> 'mailed_link')
      || (SELECT count(*) FROM run_timeline) || coalesce((SELECT string_agg(i::text, '' ORDER BY id) FROM invitations i), '')
      || (SELECT count(*) FROM people) || (SELECT count(*) FROM passkeys) || (SELECT count(*) FROM passkey_ceremonies)
      || (SELECT count(*) FROM sessions) || coalesce((SELECT string_agg(e::text, '' ORDER BY id) FROM escalations e), '')) AS all`.execute(
    admin(),
  );
  return rows[0]!.all;
}

/** Somebody has the link besides its reader: that is seen in the audit, by whom it was sent to. */
const replayIsOnRecord = () =>
  eventually('the replayed act is on record', async () => {
    const entry = await admin()
      .selectFrom('audit_entries')
      .selectAll()
      .where('object_kind', '=', 'mailed_link')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return entry?.outcome === 'denied' && JSON.stringify(entry.after).includes('"used"');
  });

/** A mailed link of a purpose, with what a person presses on its page and how the page reads then and afterwards. */
interface Mailed {
  readonly url: string;
  readonly press: string;
  readonly done: RegExp;
  readonly again: RegExp;
  /** What the person has in their browser. */
  readonly equip?: (page: Page) => Promise<unknown>;
}

async function approvalLink(): Promise<Mailed> {
  await setPolicy({ stages: stageOf(ANNA), reminders: null });
  await asked('heike.brandt');
  return {
    url: linkIn(api, (await mailTo(harness, ANNA.mail)).text),
    press: 'Freigeben',
    done: /Der Plan ist freigegeben/,
    again: /schon benutzt/,
  };
}

async function firstPasswordLink(): Promise<Mailed> {
  const worker = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 1 }, 'test-links');
  const request = await harness.submit({ user: 'oliver.stein', steps: ['remove_phone_number'] });
  await request.decide('approve');
  const { id: runId } = await request.runIs('completed');
  const place = { tenant: TENANT, runId, stepId: 'hand_over_password' };
  const link = { ...place, token: newLinkToken(), secret: 'Grün-7-Tal', validHours: 1 };
  const { url } = await new OneTimeLinks(worker, api.url).offer(link).finally(() => worker.destroy());
  return { url, press: 'Kennwort anzeigen', done: /Grün-7-Tal/, again: /schon abgeholt/ };
}

async function invitationLink(): Promise<Mailed> {
  const { mail } = await invited(harness);
  const { text } = await mailTo(harness, mail);
  return {
    url: linkIn(api, text),
    press: 'Passkey anlegen',
    done: /Ihr Passkey ist angelegt/,
    again: /schon benutzt/,
    equip: (page) => PasskeyDevice.at(page),
  };
}

async function escalationLink(): Promise<Mailed> {
  await PersonFactory.at('msp').named('erna').in(admin());
  const receivers = [{ kind: 'person', subject: 'erna@msp' }] as const;
  const chain = { steps: [{ kind: 'notify', receivers }], repeat: 0, acknowledgementMinutes: null } as const;
  await putChains(harness.api, { one: chain }, [{ on: 'breach', clock: 'resolution', chain: 'one' }]);
  await watch(harness, await openTicketWith(harness.api, TENANT, targetsOf({ resolution: 0.01 })));
  const { text } = await mailTo(harness, 'erna@msp.example');
  return { url: linkIn(api, text), press: 'Ich übernehme', done: /Sie haben übernommen/, again: /schon benutzt/ };
}

const MAILED: Readonly<Record<LinkPurpose | 'first password', () => Promise<Mailed>>> = {
  approval: approvalLink,
  invitation: invitationLink,
  escalation: escalationLink,
  'first password': firstPasswordLink,
};

// first: afterwards the server's clock is ahead of the database's
describe('a question that nobody answers', () => {
  it('is called for, others may decide too, and is rejected when its time is over', async () => {
    const boss = { ...ANNA, mail: 'boss@muster.example', name: 'Boss', language: 'en' } as const;
    await setPolicy({
      stages: stageOf(ANNA),
      reminders: { everyHours: 24, atMost: 1 },
      escalation: { afterHours: 36, to: [boss] },
      expiry: { afterHours: 48, outcome: 'reject' },
    });
    const { request, handle } = await asked('ralf.zimmermann');
    await mailTo(harness, ANNA.mail);
    await environment.sleep('25 hours');
    expect((await mailTo(harness, ANNA.mail, 2)).subject).toContain('Erinnerung');
    await environment.sleep('12 hours');
    expect((await mailTo(harness, boss.mail)).subject).toContain('Urgent: approval');
    expect(await roundOf(request)).toMatchObject({ reminders: 1, escalated_at: expect.any(Date), status: 'open' });
    // the server's time has to run on until the question expires
    await environment.client.workflow.getHandle(handle.workflowId).result();
    expect(await request.row()).toMatchObject({ status: 'rejected' });
    expect(await roundOf(request)).toMatchObject({ status: 'rejected' });
    const types = (await request.events()).map(({ type }) => type.replace('de.stellwerk.', ''));
    expect(types).toEqual(
      expect.arrayContaining([
        'approval.round.opened.v1',
        'approval.round.reminded.v1',
        'approval.round.escalated.v1',
        'approval.round.closed.v1',
        'request.plan.rejected.v2',
      ]),
    );
    const late = await fetch(linkIn(api, (await mailTo(harness, boss.mail)).text), {
      method: 'POST',
      body: new URLSearchParams({ decision: 'approve' }),
    });
    expect(await late.text()).toContain('rejected already');
  });
});

describe('a mail scanner that fetches each link twice and runs its scripts', () => {
  it('knows every kind of mailed link', () => {
    expect(Object.keys(MAILED).sort()).toEqual([...Object.keys(LINK_PURPOSES), 'first password'].sort());
  });

  it.each(Object.entries(MAILED))(
    'changes nothing by the link for %s; then a person acts by it once',
    async (_what, make) => {
      const { url, press, done, again, equip } = await make();
      const before = await everything();
      await scanner.scan(url);
      expect(await everything()).toBe(before);
      const page = await scanner.open(url);
      await equip?.(page);
      await page.getByRole('button', { name: press, exact: true }).click();
      await page.getByText(done).first().waitFor();
      const after = await everything();
      expect(after).not.toBe(before);
      // the form sent anew, as by going back and pressing again
      const body = new URLSearchParams({ decision: 'reject', reason: 'x' });
      const type =
        press === 'Freigeben' ? { body } : { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      const replayed = await fetch(url, { method: 'POST', ...type });
      expect(replayed.status).toBe(410);
      expect(await (await fetch(url, { headers: { 'accept-language': 'de' } })).text()).toMatch(again);
      expect(await everything()).toBe(after);
      // first passwords have links of their own kind
      if (press !== 'Kennwort anzeigen') await replayIsOnRecord();
      await page.context().close();
    },
  );
});

describe('an approver without an account', () => {
  it('is asked by mail, sees the plan, and approves: the workflow of the process goes on', async () => {
    await setPolicy({ stages: stageOf(ANNA), reminders: null });
    const { request, approvalId, handle } = await asked('jana.keller');
    const mail = await mailTo(harness, ANNA.mail);
    expect(mail).toMatchObject({
      subject: expect.stringContaining('Austritt: jana.keller'),
      messageId: expect.stringContaining(approvalId),
    });
    const page = await scanner.open(linkIn(api, mail.text));
    const text = await page.innerText('main');
    expect(text).toContain('jana.keller');
    expect(text).toContain('Lässt sich nicht zurücknehmen');
    for (const step of ['Anmeldung sperren', 'Benutzer löschen']) expect(text).toContain(step);
    await page.fill('#reason', 'Ist besprochen.');
    await page.getByRole('button', { name: 'Freigeben' }).click();
    expect(await page.innerText('h1')).toBe('Freigegeben');
    await page.context().close();
    expect(await request.row()).toMatchObject({ status: 'approved' });
    const decision = await admin()
      .selectFrom('decisions')
      .selectAll()
      .where('request_id', '=', request.id)
      .executeTakeFirstOrThrow();
    expect(decision).toMatchObject({ decided_by: `mail:${ANNA.mail}`, reason: 'Ist besprochen.', decision: 'approve' });
    const entry = await admin()
      .selectFrom('audit_entries')
      .selectAll()
      .where('object_id', '=', approvalId)
      .where('action', '=', 'vote.given')
      .executeTakeFirstOrThrow();
    expect(entry.after).toMatchObject({ linkId: expect.any(String), hash: decision.plan_hash });
    const message = { eventId: newId(), decision: 'approve', revision: 1, planHash: decision.plan_hash } as const;
    await request.handle.signal(decisionSignal, message);
    expect((await request.runIs('waiting')).waiting_for).toMatchObject({ kind: 'time' });
    await handle.signal('approvalNews', { eventId: newId() });
    await ended(handle);
  });

  it('is told that a plan was superseded, and changes nothing by the old link', async () => {
    await setPolicy({ stages: stageOf(ANNA), reminders: null });
    const { request } = await asked('daniel.fuchs');
    const url = linkIn(api, (await mailTo(harness, ANNA.mail)).text);
    await request.giveAct({ act: 'reschedule', at: localIn(40) });
    await eventually('it is planned anew', async () => (await request.row()).plan_revision === 2);
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) });
    expect({ status: answer.status, text: await answer.text() }).toMatchObject({
      status: 410,
      text: expect.stringContaining('durch einen neuen ersetzt'),
    });
    expect(await request.row()).toMatchObject({ status: 'awaiting_approval', plan_revision: 2 });
    expect(
      await admin().selectFrom('mailed_links').select('used_at').orderBy('created_at', 'desc').executeTakeFirst(),
    ).toEqual({ used_at: null });
  });

  it('of a confidential request gets a mail that names nobody', async () => {
    await setPolicy({ stages: stageOf(ANNA), reminders: { everyHours: 100, atMost: 1 } });
    // before anybody is asked: the server's time may be ahead of the reminder already
    await asked('petra.vogelsang', 20, ({ id }) =>
      admin().updateTable('requests').set({ confidential_until: '2031-01-01' }).where('id', '=', id).execute(),
    );
    await mailTo(harness, ANNA.mail);
    await environment.sleep('101 hours');
    await mailTo(harness, ANNA.mail, 2);
    const reminder = mails().find(({ subject }) => subject.startsWith('Erinnerung'))!;
    const { text } = mails().find(({ subject }) => !subject.startsWith('Erinnerung'))!;
    expect(
      mails()
        .map((mail) => mail.text + mail.html + mail.subject)
        .join(),
    ).not.toMatch(/petra|vogelsang/i);
    expect(reminder.subject).toBe('Erinnerung: Freigabe: Austritt (Muster Werkzeugbau GmbH)');
    expect(reminder.text + reminder.html + reminder.subject).not.toMatch(/petra|vogelsang/i);
    expect(linkIn(api, reminder.text)).toBe(linkIn(api, text));
  });
});
