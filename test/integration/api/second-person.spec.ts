import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

interface Given {
  readonly id: string;
  readonly planHash: string;
}

const REASON = { code: 'directory.user_privileged', text: 'A member of Domain Admins.' };
const of = (who: Who) => (who.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {});

/** A request whose plan waits, with the reasons that it needs a second person for. */
async function waiting(reasons: readonly object[] = [REASON], factory = RequestFactory.of('muster').planned()) {
  const given = await factory.in(fixture.database.admin);
  if (reasons.length === 0) return given;
  const { admin } = fixture.database;
  await admin
    .updateTable('plans')
    .set({ confirmations: JSON.stringify(reasons) })
    .where('request_id', '=', given.id)
    .execute();
  await admin.updateTable('requests').set({ needs_second_person: true }).where('id', '=', given.id).execute();
  return given;
}

function decide({ id, planHash }: Given, decision: string, as: Who = 'muster/approver', more: object = {}) {
  const body = { decision, planHash, ...more };
  return fixture.call('POST', `/v1/requests/${id}/decisions`, { as, headers: of(as), body });
}

function confirm({ id, planHash }: Given, as: Who = 'msp/operator', more: object = {}) {
  return fixture.call('POST', `/v1/requests/${id}/confirmations`, { as, headers: of(as), body: { planHash, ...more } });
}

const eventsOn = (id: string) =>
  fixture.database.admin.selectFrom('outbox').selectAll().where('key', '=', `muster/request/${id}`).execute();
const typesOn = async (id: string) => (await eventsOn(id)).map((event) => event.headers['ce_type']);
const show = (id: string, as: Who = 'muster/auditor') => fixture.call('GET', `/v1/requests/${id}`, { as });

const PAULA = '/v1/protected-accounts/paula.schutz';
const APPROVED = 'de.stellwerk.request.plan.approved.v2';
const REJECTED = 'de.stellwerk.request.plan.rejected.v2';

describe('a plan that needs a second person', () => {
  it('runs when it is approved and then confirmed: the event comes with the second act', async () => {
    const given = await waiting();
    const first = await decide(given, 'approve', 'muster/approver', { reason: 'agreed' });
    expect(first).toMatchObject({
      status: 200,
      body: { status: 'awaiting_approval', waitingFor: { kind: 'second_person', reasons: [REASON] } },
    });
    expect(await eventsOn(given.id)).toEqual([]);
    expect((await show(given.id)).body).toMatchObject({
      status: 'awaiting_approval',
      waitingFor: { kind: 'second_person', reasons: [REASON] },
      decisions: [{ decision: 'approve', effectiveAt: null }],
    });
    const second = await confirm(given, 'msp/operator', { reason: 'called the director' });
    expect(second).toMatchObject({ status: 200, body: { status: 'approved', waitingFor: null } });
    const [event] = await eventsOn(given.id);
    const [decision] = await fixture.database.admin
      .selectFrom('decisions')
      .selectAll()
      .where('request_id', '=', given.id)
      .execute();
    expect(event).toMatchObject({ event_id: decision!.id, headers: { ce_type: APPROVED } });
    const data = { requestId: given.id, decisionId: decision!.id, revision: 1, planHash: given.planHash };
    expect(JSON.parse(event!.value.toString())).toEqual(data);
    expect((await show(given.id)).body).toMatchObject({
      decisions: [{ effectiveAt: expect.any(String) }],
      confirmations: [{ confirmedBy: 'operator@msp', reason: 'called the director', codes: [REASON.code] }],
    });
  });

  it('runs when it is confirmed and then approved', async () => {
    const given = await waiting();
    expect((await confirm(given)).body).toMatchObject({
      status: 'awaiting_approval',
      waitingFor: { kind: 'approval' },
    });
    expect(await eventsOn(given.id)).toEqual([]);
    expect((await decide(given, 'approve')).body).toMatchObject({ status: 'approved', waitingFor: null });
    expect(await typesOn(given.id)).toEqual([APPROVED]);
  });

  it('is told once when approval and confirmation come at once', async () => {
    const given = await waiting();
    const answers = await Promise.all([decide(given, 'approve'), confirm(given)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect((await show(given.id)).body.status).toBe('approved');
    expect(await typesOn(given.id)).toEqual([APPROVED]);
  });

  it('can be rejected at any time, and then no confirmation brings it back', async () => {
    const nothing = () => Promise.resolve();
    for (const first of [nothing, (given: Given) => decide(given, 'approve'), (given: Given) => confirm(given)]) {
      const given = await waiting();
      await first(given);
      expect((await decide(given, 'reject', 'muster/customer_admin')).body.status).toBe('rejected');
      expect(await typesOn(given.id)).toEqual([REJECTED]);
      expect((await confirm(given, 'msp/owner')).body.code).toBe('request.not_awaiting_approval');
    }
  });

  it('keeps the superseded approval on record', async () => {
    const given = await waiting();
    await decide(given, 'approve');
    await decide(given, 'reject');
    expect((await show(given.id)).body.decisions).toMatchObject([
      { decision: 'approve', effectiveAt: null },
      { decision: 'reject', effectiveAt: expect.any(String) },
    ]);
  });

  it('is not confirmed by whoever approved or requested it, nor approved by whoever confirmed it', async () => {
    const given = await waiting();
    await decide(given, 'approve', 'msp/operator');
    expect((await confirm(given, 'msp/operator')).body.code).toBe('confirmation.decider_cannot_confirm');
    expect((await confirm(given, 'msp/owner')).body.status).toBe('approved');
    const other = await waiting();
    await confirm(other, 'msp/operator');
    expect((await decide(other, 'approve', 'msp/operator')).body.code).toBe('approval.confirmer_cannot_decide');
    const own = await waiting([REASON], RequestFactory.of('muster', 'operator@msp').planned());
    expect((await confirm(own, 'msp/operator')).body.code).toBe('confirmation.requester_cannot_confirm');
  });

  it('answers repeats again', async () => {
    const given = await waiting();
    for (let i = 0; i < 2; i += 1)
      expect((await decide(given, 'approve')).body.waitingFor).toMatchObject({ kind: 'second_person' });
    for (let i = 0; i < 2; i += 1)
      expect(await confirm(given)).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect(await typesOn(given.id)).toEqual([APPROVED]);
  });

  it('after drift needs that person again, and the run’s history gets the decision when it takes effect', async () => {
    const given = await waiting([REASON], RequestFactory.of('muster').planned(2).withRun('waiting'));
    const { run_id: runId } = await fixture.database.admin
      .selectFrom('requests')
      .select('run_id')
      .where('id', '=', given.id)
      .executeTakeFirstOrThrow();
    const kinds = async () =>
      (await fixture.call('GET', `/v1/runs/${runId}`, { as: 'muster/auditor' })).body.timeline.map(
        (line: { kind: string }) => line.kind,
      );
    await decide(given, 'approve');
    expect(await kinds()).toEqual([]);
    expect((await confirm(given)).body.status).toBe('running');
    expect(await kinds()).toEqual(['decision_given']);
  });
});

describe('the brake', () => {
  const HOUR = 3_600_000;
  /** A plan for somebody else each time, at an instant of its own. */
  async function planFor(tenant: string, startsAt: number, user = `person.${newId()}`) {
    const given = await RequestFactory.of(tenant).about(user).planned().in(fixture.database.admin);
    const plan = {
      process: 'offboarding',
      subject: { kind: 'user', name: user, identity: null },
      revision: 1,
      startsAt: new Date(startsAt).toISOString(),
      steps: [],
      remarks: [],
    };
    await fixture.database.admin
      .updateTable('plans')
      .set({ plan: JSON.stringify(plan) })
      .where('request_id', '=', given.id)
      .execute();
    return given;
  }
  const approve = ({ id, planHash }: Given, as: Who = 'nordlicht/approver') =>
    fixture.call('POST', `/v1/requests/${id}/decisions`, { as, body: { decision: 'approve', planHash } });
  const settings = (accountsPerHour: number) =>
    fixture.call('PUT', '/v1/settings', {
      as: 'msp/owner',
      headers: { 'stellwerk-tenant': 'nordlicht' },
      body: { accountsPerHour, lastAdministrator: 'second_person' },
    });

  it('lets a burst by one person through up to the limit, however many come at once, and holds the rest', async () => {
    expect((await settings(4)).status).toBe(200);
    const at = Date.parse('2031-03-03T08:00:00Z');
    const plans = [];
    for (let i = 0; i < 9; i += 1) plans.push(await planFor('nordlicht', at + i * 60_000));
    const answers = await Promise.all(plans.map((plan) => approve(plan)));
    const statuses = answers.map((answer) => answer.body.status).sort();
    expect(statuses).toEqual([...Array(4).fill('approved'), ...Array(5).fill('awaiting_approval')]);
    const held = answers.find((answer) => answer.body.status === 'awaiting_approval')!;
    expect(held.body.waitingFor).toMatchObject({ kind: 'second_person', reasons: [{ code: 'request.brake' }] });
    const plan = plans.find(({ id }) => id === held.body.id)!;
    const released = await fixture.call('POST', `/v1/requests/${plan.id}/confirmations`, {
      as: 'msp/operator',
      body: { planHash: plan.planHash },
    });
    expect(released.body).toMatchObject({ status: 'approved', waitingFor: null });
    // an hour later, and for the same account again, nothing is held
    expect((await approve(await planFor('nordlicht', at + 2 * HOUR))).body.status).toBe('approved');
  });

  it('counts an account once, and what starts in the past as starting now', async () => {
    await settings(1);
    const past = Date.parse('2020-01-01T00:00:00Z');
    expect((await approve(await planFor('nordlicht', past, 'same.person'))).body.status).toBe('approved');
    expect((await approve(await planFor('nordlicht', past, 'Same.Person'))).body.status).toBe('approved');
    const other = await approve(await planFor('nordlicht', past + 5 * 365 * 24 * HOUR));
    expect(other.body.waitingFor.reasons).toMatchObject([{ code: 'request.brake' }]);
  });

  it('holds whoever raised the limit to the usual one', async () => {
    await settings(100);
    const at = Date.parse('2032-03-03T08:00:00Z');
    const statuses = [];
    for (let i = 0; i < 11; i += 1)
      statuses.push((await approve(await planFor('nordlicht', at), 'msp/owner')).body.status);
    expect(statuses).toEqual([...Array(10).fill('approved'), 'awaiting_approval']);
    expect((await approve(await planFor('nordlicht', at))).body.status).toBe('approved');
  });
});

describe('a lock-out', () => {
  const lockOut = (id: string, as: Who = 'nordlicht/customer_admin') =>
    fixture.call('POST', `/v1/requests/${id}/acts`, {
      as,
      headers: fresh(),
      body: { act: 'lock_out', reason: 'Threatened to delete the archive.' },
    });

  it('is held by the brake, and counts for it', async () => {
    const user = () => RequestFactory.of('nordlicht').about(`out.${newId()}`).planned();
    const limit = async (accountsPerHour: number) =>
      fixture.call('PUT', '/v1/settings', {
        as: 'msp/owner',
        headers: { 'stellwerk-tenant': 'nordlicht' },
        body: { accountsPerHour, lastAdministrator: 'refuse' },
      });
    const [one, other] = [await user().in(fixture.database.admin), await user().in(fixture.database.admin)];
    await critical(one, other);
    await limit(100);
    expect((await lockOut(one.id)).status).toBe(200);
    await limit(1);
    expect((await lockOut(other.id)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('within an hour'),
    });
  });

  it('of a protected account needs its second person first', async () => {
    await fixture.call('PUT', PAULA, {
      as: 'msp/owner',
      headers: { 'stellwerk-tenant': 'muster' },
      body: { kind: 'director', rule: 'second_person' },
    });
    const given = await RequestFactory.of('muster').about('Paula.Schutz').in(fixture.database.admin);
    const refused = await lockOut(given.id, 'muster/customer_admin');
    await fixture.call('DELETE', PAULA, { as: 'msp/owner', headers: of('msp/owner') });
    expect(refused.body).toMatchObject({ status: 409, detail: expect.stringContaining('second person') });
  });

  /** Their plans have a step that locks out. */
  async function critical(...plans: Given[]) {
    for (const { id } of plans) {
      const { admin } = fixture.database;
      const { plan } = await admin
        .selectFrom('plans')
        .select('plan')
        .where('request_id', '=', id)
        .executeTakeFirstOrThrow();
      const steps = [{ id: 'disable_sign_in', accessCritical: true }];
      const changed = JSON.stringify({ ...(plan as object), steps });
      await admin.updateTable('plans').set({ plan: changed }).where('request_id', '=', id).execute();
    }
  }
});

describe('protected accounts', () => {
  const put = (user: string, rule: string, as: Who = 'msp/operator') =>
    fixture.call('PUT', `/v1/protected-accounts/${encodeURIComponent(user)}`, {
      as,
      headers: of(as),
      body: { kind: 'director', rule, note: 'since 2019' },
    });

  it('are set by the MSP, seen by the customer’s administrator, and gone when taken away', async () => {
    expect(await put('Otto.Chef', 'refuse')).toMatchObject({
      status: 200,
      body: { tenant: 'muster', user: 'otto.chef', rule: 'refuse', setBy: 'operator@msp', identity: null },
    });
    expect((await put('OTTO.chef', 'second_person')).body.rule).toBe('second_person');
    const list = await fixture.call('GET', '/v1/protected-accounts', { as: 'muster/customer_admin' });
    expect(list.body).toMatchObject({ items: [{ user: 'otto.chef', rule: 'second_person' }], nextCursor: null });
    expect(
      (await fixture.call('GET', '/v1/protected-accounts', { as: 'nordlicht/customer_admin' })).body.items,
    ).toEqual([]);
    expect((await put('otto.chef', 'refuse', 'muster/customer_admin')).body.code).toBe('access.denied');
    const remove = () =>
      fixture.call('DELETE', '/v1/protected-accounts/Otto.Chef', { as: 'msp/owner', headers: of('msp/owner') });
    expect((await remove()).status).toBe(204);
    expect((await remove()).body.code).toBe('protected_account.not_found');
  });

  it('are paged by customer and name', async () => {
    for (const user of ['c', 'a', 'b']) await put(user, 'refuse');
    const page = await fixture.call('GET', '/v1/protected-accounts?limit=2', { as: 'msp/auditor' });
    expect(page.body.items.map((item: { user: string }) => item.user)).toEqual(['a', 'b']);
    const next = await fixture.call('GET', `/v1/protected-accounts?cursor=${page.body.nextCursor}`, {
      as: 'msp/auditor',
    });
    expect(next.body).toMatchObject({ items: [{ user: 'c' }], nextCursor: null });
  });

  it('that came up after the plan hold or refuse its approval, never its rejection', async () => {
    await put('hugo.held', 'second_person');
    await put('rita.refused', 'refuse');
    const held = await waiting([], RequestFactory.of('muster').about('Hugo.Held').planned());
    expect((await decide(held, 'approve')).body.waitingFor.reasons).toMatchObject([
      { code: 'request.account_protected' },
    ]);
    const refused = await waiting([], RequestFactory.of('muster').about('rita.refused@muster.example').planned());
    expect(await decide(refused, 'approve')).toMatchObject({
      status: 409,
      body: { code: 'request.account_protected' },
    });
    expect((await decide(refused, 'reject')).body.status).toBe('rejected');
  });
});

describe('settings', () => {
  it('are the usual ones until they are set, and seen by who may', async () => {
    const list = await fixture.call('GET', '/v1/settings?tenant=muster', { as: 'msp/operator' });
    expect(list.body.items).toEqual([
      { tenant: 'muster', accountsPerHour: 10, lastAdministrator: 'refuse', setBy: null, setAt: null },
    ]);
    const all = await fixture.call('GET', '/v1/settings?limit=1', { as: 'msp/operator' });
    expect(all.body).toMatchObject({ items: [{ tenant: 'msp' }], nextCursor: expect.any(String) });
    expect((await fixture.call('GET', '/v1/settings', { as: 'muster/requester' })).body.code).toBe('access.denied');
  });
});
