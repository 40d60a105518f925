import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, openRound, type ApprovalPolicy } from '#libs/approvals';
import { newId, systemClock } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { fresh, startApiFixture, type ApiFixture, type Call, type Who } from '../../support/api/api-fixture.js';
import { RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

const admin = () => fixture.database.admin;
const APPROVER = { kind: 'role', at: 'customer', role: 'approver' } as const;
const ADMIN = { kind: 'role', at: 'customer', role: 'customer_admin' } as const;
const person = (subject: string) => ({ kind: 'person', subject }) as const;
const contact = (mail: string) => ({ kind: 'contact', mail, name: 'Anna', language: 'de' }) as const;

type Approvers = ApprovalPolicy['stages'][number]['approvers'];
const stage = (needed: number, approvers: Approvers, rejections = 1) => ({ needed, approvers, rejections });
const policy = (...stages: ApprovalPolicy['stages'][number][]): ApprovalPolicy => ({ ...DEFAULT_POLICY, stages });

interface Asked {
  readonly id: string;
  readonly planHash: string;
}

/** A plan that waits for its approvers under the customer's policy of this moment. */
async function asked(factory = RequestFactory.of('muster')): Promise<Asked> {
  const { id, planHash } = await factory.planned().in(admin());
  const subject = { tenant: 'muster', kind: 'plan', id, revision: 1, hash: planHash, requestId: id };
  await admin()
    .transaction()
    .execute((tx) => openRound(tx, { ...subject, process: 'offboarding', startsAt: null }));
  return { id, planHash };
}

const save = (body: ApprovalPolicy, process = 'offboarding') =>
  fixture.call('PUT', `/v1/approval-policies/${process}`, { as: 'muster/customer_admin', body });

function vote({ id, planHash }: Asked, as: Who, decision = 'approve', more: object = {}) {
  const headers = as.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {};
  return fixture.call('POST', `/v1/requests/${id}/decisions`, { as, headers, body: { decision, planHash, ...more } });
}

const approvalOf = async ({ id }: Asked, as: Who = 'muster/auditor') =>
  (await fixture.call('GET', `/v1/requests/${id}/plan`, { as })).body.approval;

const events = async ({ id }: Asked): Promise<string[]> => {
  const rows = await admin().selectFrom('outbox').selectAll().orderBy('id').execute();
  return rows
    .filter((row) => row.headers['ce_correlationid'] === id)
    .map((row) => row.headers['ce_type']!.replace('de.stellwerk.', ''));
};

/** Somebody else with a key of this role. */
async function another(
  role: string,
  tenant = 'muster',
): Promise<{
  readonly subject: string;
  call(method: string, path: string, call?: Call): ReturnType<ApiFixture['call']>;
}> {
  const key = newApiKey();
  const subject = `p${newId().slice(-8)}@${tenant}`;
  await admin()
    .insertInto('api_keys')
    .values({ tenant_id: tenant, id: newId(), role, subject, name: 'test', key_hash: hashOfApiKey(key) })
    .execute();
  return {
    subject,
    call: (method, path, call = {}) =>
      fixture.call(method, path, { ...call, headers: { authorization: `Bearer ${key}`, ...call.headers } }),
  };
}

describe('without a policy', () => {
  it('one of those who may decide is enough, as it always was, and the plan says why', async () => {
    const plan = await asked();
    expect(await approvalOf(plan)).toMatchObject({
      status: 'open',
      policy: { from: 'default', version: 0 },
      missing: 1,
      mayDecide: ['approver (customer)', 'customer_admin (customer)', 'owner (MSP)', 'operator (MSP)'],
    });
    expect(await vote(plan, 'muster/approver')).toMatchObject({
      status: 200,
      body: { status: 'approved', waitingFor: null },
    });
    expect(await approvalOf(plan)).toMatchObject({
      status: 'approved',
      missing: 0,
      votes: [{ voter: 'approver@muster' }],
    });
    expect(await events(plan)).toEqual([
      'approval.round.opened.v1',
      'approval.round.closed.v1',
      'request.plan.approved.v2',
    ]);
    expect((await vote(plan, 'muster/approver')).body).toMatchObject({ status: 'approved' });
    expect((await vote(plan, 'muster/customer_admin')).body.code).toBe('request.not_awaiting_approval');
  });
});

describe('a policy of n of m', () => {
  it('takes effect with the vote that completes it, and says before what is missing', async () => {
    const second = await another('approver');
    expect(await save(policy(stage(2, [APPROVER, ADMIN])))).toMatchObject({
      status: 200,
      body: { process: 'offboarding' },
    });
    const plan = await asked();
    expect((await vote(plan, 'muster/approver')).body).toEqual({
      id: plan.id,
      status: 'awaiting_approval',
      waitingFor: { kind: 'approval', votes: { stage: 1, stages: 1, approvals: 1, needed: 2, rejections: 0 } },
    });
    expect((await vote(plan, 'muster/approver')).body.status).toBe('awaiting_approval');
    expect(await approvalOf(plan)).toMatchObject({ missing: 1, policy: { from: 'process' } });
    const body = { decision: 'approve', planHash: plan.planHash };
    const { body: done } = await second.call('POST', `/v1/requests/${plan.id}/decisions`, { body });
    expect(done).toMatchObject({ status: 'approved', waitingFor: null });
    const decision = await admin().selectFrom('decisions').selectAll().where('request_id', '=', plan.id).execute();
    expect(decision).toMatchObject([{ decided_by: second.subject }]);
  });

  it('counts one person once, however often and at the same time', async () => {
    const plan = await asked();
    const answers = await Promise.all(Array.from({ length: 5 }, () => vote(plan, 'muster/approver')));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.status}`))).toEqual(
      new Set(['200 awaiting_approval']),
    );
    const votes = await Promise.all([vote(plan, 'muster/customer_admin'), vote(plan, 'muster/customer_admin')]);
    expect(votes.map(({ status }) => status)).toEqual([200, 200]);
    expect(await events(plan)).toEqual([
      'approval.round.opened.v1',
      'approval.round.closed.v1',
      'request.plan.approved.v2',
    ]);
  });

  it('is rejected by one rejection', async () => {
    const plan = await asked();
    await vote(plan, 'muster/approver');
    expect((await vote(plan, 'muster/customer_admin', 'reject')).body).toMatchObject({ status: 'rejected' });
  });

  it('stays what it was for what was asked before the policy changed', async () => {
    const plan = await asked();
    await save(policy(stage(1, [ADMIN])));
    expect((await vote(plan, 'muster/approver')).body.status).toBe('awaiting_approval');
    expect((await vote(await asked(), 'muster/approver')).body.code).toBe('approval.not_an_approver');
  });
});

describe('stages', () => {
  it('follow one another; nobody counts in two of them', async () => {
    await save(policy(stage(1, [APPROVER, ADMIN]), stage(1, [ADMIN, { kind: 'role', at: 'msp', role: 'operator' }])));
    const plan = await asked();
    expect((await vote(plan, 'msp/operator')).body.code).toBe('approval.not_an_approver');
    expect((await vote(plan, 'muster/customer_admin')).body.waitingFor.votes).toMatchObject({ stage: 2, approvals: 0 });
    // the same person again, in the second stage: its first vote, repeated
    expect((await vote(plan, 'muster/customer_admin')).body.status).toBe('awaiting_approval');
    expect((await vote(plan, 'msp/operator')).body.status).toBe('approved');
    expect(await events(plan)).toContain('approval.round.moved.v1');
  });
});

describe('whoever asked for it, and whom it is about', () => {
  it('never decide, also when the policy names nobody else: the MSP’s owner stands in', async () => {
    await save(policy(stage(1, [person('approver@muster')])));
    const own = await asked(RequestFactory.of('muster', 'approver@muster'));
    expect((await vote(own, 'muster/approver')).body.code).toBe('approval.requester_cannot_decide');
    expect((await vote(own, 'muster/customer_admin')).body.code).toBe('approval.not_an_approver');
    // also shown beforehand: nobody waits for whoever may not decide
    expect((await approvalOf(own)).mayDecide).toEqual(['owner (MSP)']);
    expect((await vote(own, 'msp/owner')).body.status).toBe('approved');
    const about = await asked(RequestFactory.of('muster').about('approver'));
    expect((await vote(about, 'muster/approver')).body.code).toBe('approval.leaver_cannot_decide');
  });
});

describe('the second person', () => {
  it('is none of several who approved', async () => {
    await save(policy(stage(2, [APPROVER, { kind: 'role', at: 'msp', role: 'operator' }])));
    const plan = await asked();
    const confirmations = JSON.stringify([{ code: 'directory.user_privileged', text: 'Domain Admins' }]);
    await admin().updateTable('plans').set({ confirmations }).where('request_id', '=', plan.id).execute();
    await admin().updateTable('requests').set({ needs_second_person: true }).where('id', '=', plan.id).execute();
    await vote(plan, 'msp/operator');
    expect((await vote(plan, 'muster/approver')).body).toMatchObject({ waitingFor: { kind: 'second_person' } });
    const headers = { 'stellwerk-tenant': 'muster' };
    const confirm = (as: Who) =>
      fixture.call('POST', `/v1/requests/${plan.id}/confirmations`, { as, headers, body: { planHash: plan.planHash } });
    expect((await confirm('msp/operator')).body.code).toBe('confirmation.decider_cannot_confirm');
    expect((await confirm('msp/owner')).body).toMatchObject({ status: 'approved' });
  });
});

describe('a delegation', () => {
  const now = systemClock.now().getTime();
  const span = (from: number, until: number) => ({
    from: new Date(now + from * 3_600_000).toISOString(),
    until: new Date(now + until * 3_600_000).toISOString(),
  });
  const set = (body: object, as: Who = 'muster/customer_admin') =>
    fixture.call('POST', '/v1/delegations', { as, headers: fresh(), body });

  it('lets somebody vote for whoever is away, visibly, and only while it holds', async () => {
    await save(policy(stage(1, [person('customer_admin@muster')])));
    const [early, plan, late] = [await asked(), await asked(), await asked()];
    expect((await vote(early, 'muster/approver')).body.code).toBe('approval.not_an_approver');
    const { body: delegation } = await set({ delegate: 'approver@muster', ...span(-1, 24), reason: 'Holidays' });
    expect(delegation).toMatchObject({ delegator: 'customer_admin@muster', setBy: 'customer_admin@muster' });
    const standIn = { delegator: 'customer_admin@muster', delegate: 'approver@muster', until: delegation.until };
    const shown = { mayDecide: ['customer_admin@muster'], standIns: [standIn] };
    const { body: list } = await fixture.call('GET', '/v1/approvals', { as: 'muster/auditor' });
    expect(list.items.find((one: { subjectId: string }) => one.subjectId === plan.id)).toMatchObject(shown);
    expect(await approvalOf(plan)).toMatchObject(shown);
    expect((await vote(plan, 'muster/approver')).body.status).toBe('approved');
    expect(await approvalOf(plan)).toMatchObject({ mayDecide: [], standIns: [] });
    expect((await approvalOf(plan)).votes).toMatchObject([
      { voter: 'approver@muster', onBehalfOf: 'customer_admin@muster' },
    ]);
    const entry = await admin()
      .selectFrom('audit_entries')
      .selectAll()
      .where('request_id', '=', plan.id)
      .where('action', '=', 'vote.given')
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ actor: 'approver@muster', origin: 'customer_admin@muster' });
    expect(
      (await fixture.call('DELETE', `/v1/delegations/${delegation.id}`, { as: 'muster/customer_admin' })).status,
    ).toBe(204);
    expect((await vote(late, 'muster/approver')).body.code).toBe('approval.not_an_approver');
    expect((await fixture.call('GET', '/v1/delegations', { as: 'muster/auditor' })).body.items).toEqual([]);
  });

  it('is no way for whoever asked for it, nor for one vote to count twice, nor to be handed on', async () => {
    await save(policy(stage(2, [person('customer_admin@muster'), APPROVER])));
    const third = await another('customer_admin');
    await set({ delegator: 'customer_admin@muster', delegate: 'approver@muster', ...span(-1, 24) });
    await set({ delegator: 'approver@muster', delegate: third.subject, ...span(-1, 24) });
    const own = await asked(RequestFactory.of('muster', 'approver@muster'));
    expect((await vote(own, 'muster/approver', 'approve', { onBehalfOf: 'customer_admin@muster' })).body.code).toBe(
      'approval.requester_cannot_decide',
    );
    const plan = await asked();
    expect((await vote(plan, 'muster/approver')).body.status).toBe('awaiting_approval');
    expect((await vote(plan, 'muster/approver', 'approve', { onBehalfOf: 'customer_admin@muster' })).body.status).toBe(
      'awaiting_approval',
    );
    const body = { decision: 'approve', planHash: plan.planHash, onBehalfOf: 'customer_admin@muster' };
    const passedOn = await third.call('POST', `/v1/requests/${plan.id}/decisions`, { body });
    expect(passedOn.body.code).toBe('approval.delegation_not_in_force');
  });
});

describe('the list of approvals', () => {
  it('shows everybody what is asked, and with `mine` only what waits for them', async () => {
    await save(policy(stage(1, [person('customer_admin@muster')])));
    const plan = await asked();
    const ids = async (as: Who, query: string): Promise<string[]> =>
      (await fixture.call('GET', `/v1/approvals?limit=200${query}`, { as })).body.items.map(
        (one: { subjectId: string }) => one.subjectId,
      );
    expect(await ids('muster/auditor', '')).toContain(plan.id);
    expect(await ids('muster/customer_admin', '&mine=true')).toContain(plan.id);
    expect(await ids('muster/requester', '&mine=true')).not.toContain(plan.id);
    expect(await ids('nordlicht/customer_admin', '')).not.toContain(plan.id);
    await admin().updateTable('requests').set({ confidential_until: '2040-01-01' }).where('id', '=', plan.id).execute();
    expect(await ids('muster/auditor', '')).not.toContain(plan.id);
    expect(await ids('muster/customer_admin', '')).toContain(plan.id);
  });
});

describe('a policy for a contact', () => {
  it('is refused for the address of somebody with an account: the requester could decide by mail', async () => {
    await admin()
      .insertInto('people')
      .values({
        tenant_id: 'muster',
        id: newId(),
        subject: 'requester@muster',
        display_name: 'R',
        mail: 'r@firma.example',
        language: null,
        source: 'invitation',
      })
      .execute();
    const personId = (
      await admin()
        .selectFrom('people')
        .select('id')
        .where('subject', '=', 'requester@muster')
        .executeTakeFirstOrThrow()
    ).id;
    await admin()
      .insertInto('role_grants')
      .values({
        tenant_id: 'muster',
        id: newId(),
        person_id: personId,
        role: 'requester',
        covers: 'home',
        covers_id: null,
        source: 'manual',
        granted_by: 'owner@msp',
      })
      .execute();
    expect(await save(policy(stage(1, [contact('R@firma.example')])))).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'stages.0.approvers.0.mail', code: 'has_account' }] },
    });
    expect((await save(policy(stage(1, [contact('boss@firma.example')])))).status).toBe(200);
  });
});
