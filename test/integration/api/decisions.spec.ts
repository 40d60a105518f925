import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { hashOf, RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

interface Given {
  readonly id: string;
  readonly planHash: string;
}

function decide(given: Given, decision: string, as: Who = 'muster/approver', more: object = {}) {
  const headers: Record<string, string> = as.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {};
  return fixture.call('POST', `/v1/requests/${given.id}/decisions`, {
    as,
    headers,
    body: { decision, planHash: given.planHash, ...more },
  });
}

const waiting = () => RequestFactory.of('muster').planned().in(fixture.database.admin);
const row = (id: string) =>
  fixture.database.admin.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const decisionsOn = (id: string) =>
  fixture.database.admin.selectFrom('decisions').selectAll().where('request_id', '=', id).execute();
const eventsOn = (id: string) =>
  fixture.database.admin
    .selectFrom('outbox')
    .selectAll()
    .where('key', '=', `muster/request/${id}`)
    .orderBy('sequence')
    .execute();

describe('deciding', () => {
  it('commits decision, status and the event that wakes the workflow together', async () => {
    const given = await waiting();
    const answer = await decide(given, 'approve', 'muster/approver', { reason: 'agreed with HR\nby phone' });
    expect(answer).toMatchObject({ status: 200, body: { id: given.id, status: 'approved' } });
    const [decision] = await decisionsOn(given.id);
    expect(decision).toMatchObject({
      revision: 1,
      plan_hash: given.planHash,
      decision: 'approve',
      decided_by: 'approver@muster',
    });
    const [event] = await eventsOn(given.id);
    expect(event!.headers).toMatchObject({
      ce_type: 'de.stellwerk.request.plan.approved.v2',
      ce_correlationid: given.id,
      ce_causationid: decision!.id,
    });
    // who decided and why stand in our tables alone
    expect(JSON.parse(event!.value.toString())).toEqual({
      requestId: given.id,
      decisionId: decision!.id,
      revision: 1,
      planHash: given.planHash,
    });
  });

  it('rejects a first plan for good', async () => {
    const given = await waiting();
    expect((await decide(given, 'reject')).body.status).toBe('rejected');
    expect((await eventsOn(given.id))[0]!.headers['ce_type']).toBe('de.stellwerk.request.plan.rejected.v2');
  });

  it('answers a repeat by the same person again and lets nobody else decide anew', async () => {
    const given = await waiting();
    await decide(given, 'approve');
    expect(await decide(given, 'approve')).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect((await decide(given, 'reject')).body.code).toBe('request.not_awaiting_approval');
    expect((await decide(given, 'approve', 'muster/customer_admin')).body.code).toBe('request.not_awaiting_approval');
    expect(await decisionsOn(given.id)).toHaveLength(1);
    expect(await eventsOn(given.id)).toHaveLength(1);
  });

  it('takes one of two decisions that come at once', async () => {
    const given = await waiting();
    const answers = await Promise.all([
      decide(given, 'approve'),
      decide(given, 'reject', 'muster/customer_admin'),
      decide(given, 'approve', 'msp/operator'),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect(await decisionsOn(given.id)).toHaveLength(1);
  });

  it('refuses a hash that is made up or of another request’s plan', async () => {
    const [given, other] = [await waiting(), await waiting()];
    for (const planHash of [hashOf('made up'), other.planHash]) {
      expect((await decide({ id: given.id, planHash }, 'approve')).body.code).toBe('plan.hash_mismatch');
    }
    expect((await row(given.id)).status).toBe('awaiting_approval');
    expect(await eventsOn(given.id)).toEqual([]);
  });

  it('takes the customer from the request when the MSP names none', async () => {
    const given = await waiting();
    const call = (headers: Record<string, string>) =>
      fixture.call('POST', `/v1/requests/${given.id}/decisions`, {
        as: 'msp/operator',
        headers,
        body: { decision: 'approve', planHash: given.planHash },
      });
    expect((await call({ 'stellwerk-tenant': 'nordlicht' })).body.code).toBe('request.not_found');
    expect(await call({})).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect(await decisionsOn(given.id)).toMatchObject([{ tenant_id: 'muster', decided_by: 'operator@msp' }]);
  });

  it('lets neither the requester nor the leaver decide', async () => {
    const byAdmin = await RequestFactory.of('muster', 'customer_admin@muster').planned().in(fixture.database.admin);
    expect((await decide(byAdmin, 'approve', 'muster/customer_admin')).body.code).toBe(
      'approval.requester_cannot_decide',
    );
    for (const leaver of ['approver', 'Approver@muster.example', 'approver@muster']) {
      const aboutApprover = await RequestFactory.of('muster').about(leaver).planned().in(fixture.database.admin);
      expect((await decide(aboutApprover, 'approve')).body.code).toBe('approval.leaver_cannot_decide');
    }
  });
});

describe('deciding on drift', () => {
  const drifted = (started: boolean) =>
    RequestFactory.of('muster').planned(2).withRun('waiting', { started }).in(fixture.database.admin);

  it.each([
    ['approve', false, 'approved'],
    ['approve', true, 'running'],
    ['reject', false, 'approved'],
    ['reject', true, 'running'],
  ])('%s, run started: %s, leaves the request %s and notes it in the history', async (decision, started, status) => {
    const given = await drifted(started);
    expect((await decide(given, decision, 'muster/approver', { reason: 'seen' })).body.status).toBe(status);
    const shown = await fixture.call('GET', `/v1/runs/${given.runId}`, { as: 'muster/auditor' });
    expect(shown.body.timeline).toMatchObject([
      {
        seq: 1,
        kind: 'decision_given',
        who: 'approver@muster',
        data: { decision, revision: 2, planHash: given.planHash, reason: 'seen' },
      },
    ]);
  });

  it('does not take the approval of an earlier revision for one of the next', async () => {
    const first = await waiting();
    await decide(first, 'approve');
    const next = { status: 'awaiting_approval', plan_revision: 2, plan_hash: hashOf('second') };
    const { admin } = fixture.database;
    await admin.updateTable('requests').set(next).where('id', '=', first.id).execute();
    const plan = await admin
      .selectFrom('plans')
      .select('plan')
      .where('request_id', '=', first.id)
      .executeTakeFirstOrThrow();
    const drawn = { tenant_id: 'muster', request_id: first.id, revision: 2, hash: next.plan_hash };
    await admin
      .insertInto('plans')
      .values({ ...drawn, plan: JSON.stringify(plan.plan) })
      .execute();
    for (const replayed of ['approve', 'reject'])
      expect(await decide(first, replayed)).toMatchObject({ status: 409, body: { code: 'plan.hash_mismatch' } });
    const second = { ...first, planHash: hashOf('second') };
    expect((await decide(second, 'approve')).body.status).toBe('approved');
    expect(await decide(second, 'approve')).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect((await decide(first, 'approve')).body.code).toBe('request.not_awaiting_approval');
    expect(await decisionsOn(first.id)).toHaveLength(2);
  });
});
