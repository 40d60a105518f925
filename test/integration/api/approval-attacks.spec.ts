import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { ApprovalRecordsOnDatabase } from '../../../apps/worker/activities/approval-records.activities.js';
import { openDatabase, type Database } from '#libs/platform/database';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import {
  ApprovalDesk,
  contact,
  person,
  policyOf,
  role,
  stage,
  type AskedPlan,
} from '../../support/api/approval-desk.js';
import { RequestFactory } from '../../support/api/request.factory.js';

/** What an administrator, a former approver or time could do to a question: none of it approves. */
let fixture: ApiFixture;
let desk: ApprovalDesk;
let worker: Database;
let records: ApprovalRecordsOnDatabase;
beforeAll(async () => {
  fixture = await startApiFixture();
  desk = new ApprovalDesk(fixture);
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
  records = new ApprovalRecordsOnDatabase(worker);
});
afterAll(async () => {
  await worker?.destroy();
  await fixture?.stop();
});

const admin = () => fixture.database.admin;
const APPROVER = role('customer', 'approver');
const OPERATOR = role('msp', 'operator');
const ONLY = policyOf(stage(1, [person('approver@muster')]));
const rejected = (hours: number) => ({ expiry: { afterHours: hours, outcome: 'reject' } as const });

const refOf = ({ approvalId }: AskedPlan) => ({ tenant: 'muster', approvalId });
const expire = ({ approvalId }: AskedPlan) =>
  admin()
    .updateTable('approval_rounds')
    .set({ expires_at: sql<Date>`now() - interval '5 hours'` })
    .where('id', '=', approvalId)
    .execute();
const roundOf = ({ approvalId }: AskedPlan) =>
  admin().selectFrom('approval_rounds').selectAll().where('id', '=', approvalId).executeTakeFirstOrThrow();
const codeOf = async (answer: ReturnType<ApprovalDesk['vote']>) => (await answer).body.code;

describe('an administrator who wants to be the named approver', () => {
  it.each<Who>(['muster/customer_admin', 'msp/operator'])('%s does not become their stand-in', async (as) => {
    const [tenant, name] = as.split('/') as [string, string];
    const body = { delegator: 'approver@muster', delegate: `${name}@${tenant}` };
    expect(await desk.delegate(body, as)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'delegate', code: 'not_allowed' }] },
    });
  });

  it('makes nobody else their stand-in in what is asked already', async () => {
    await desk.save(ONLY);
    const before = await desk.asked();
    const set = await desk.delegate({ delegator: 'approver@muster', delegate: 'operator@msp' });
    expect(set.status).toBe(201);
    expect(await codeOf(desk.vote(before, 'msp/operator'))).toBe('approval.not_an_approver');
    expect((await desk.vote(await desk.asked(), 'msp/operator')).body.status).toBe('approved');
  });
});

describe('an absence', () => {
  it('that is over by its time lets nobody vote any more', async () => {
    const plan = await desk.asked();
    await sql`UPDATE approval_delegations SET valid_until = now() WHERE delegator = 'approver@muster'`.execute(admin());
    expect(await codeOf(desk.vote(plan, 'msp/operator'))).toBe('approval.not_an_approver');
  });

  it('of an approver who lost every deciding role lets nobody vote for them', async () => {
    await desk.save(policyOf(stage(1, [person('approver@muster'), person('customer_admin@muster')])));
    await sql`UPDATE approval_delegations SET valid_until = now() + interval '1 day'`.execute(admin());
    const plan = await desk.asked();
    const demote = (to: string) =>
      admin().updateTable('api_keys').set({ role: to }).where('subject', '=', 'approver@muster').execute();
    await demote('requester');
    const answer = await codeOf(desk.vote(plan, 'msp/operator', 'approve', { onBehalfOf: 'approver@muster' }));
    await demote('approver');
    expect(answer).toBe('approval.delegation_not_in_force');
    await admin()
      .updateTable('approval_delegations')
      .set({ ended_at: sql<Date>`now()` })
      .execute();
  });
});

describe('a role whose only holder asked', () => {
  it('does not keep the question from being decided: the MSP’s owner stands in', async () => {
    await desk.save(policyOf(stage(1, [APPROVER])));
    const plan = await desk.asked(RequestFactory.of('muster', 'approver@muster'));
    expect(await codeOf(desk.vote(plan, 'muster/approver'))).toBe('approval.requester_cannot_decide');
    expect(await codeOf(desk.vote(plan, 'muster/customer_admin'))).toBe('approval.not_an_approver');
    expect((await desk.vote(plan, 'msp/owner')).body.status).toBe('approved');
  });

  it('is not asked for in a later stage alone', async () => {
    expect(await desk.save(policyOf(stage(1, [APPROVER]), stage(1, [APPROVER])))).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'stages.1.needed', code: 'too_large' }] },
    });
  });
});

describe('a vote after the time for the decision', () => {
  it('does not count, however late the engine closes the question', async () => {
    await desk.save({ ...ONLY, ...rejected(48) });
    const plan = await desk.asked();
    await expire(plan);
    expect(await desk.vote(plan, 'muster/approver')).toMatchObject({ status: 409, body: { code: 'approval.expired' } });
    expect(await records.expireRound(refOf(plan))).toBe(false);
    expect(await roundOf(plan)).toMatchObject({ status: 'rejected' });
    expect((await desk.vote(plan, 'muster/approver')).status).toBe(409);
  });

  it('that races the expiry ends the question once', async () => {
    const plan = await desk.asked();
    const [vote] = await Promise.all([desk.vote(plan, 'muster/approver'), records.expireRound(refOf(plan))]);
    const { status } = await roundOf(plan);
    expect([vote.status, status]).toEqual(vote.status === 200 ? [200, 'approved'] : [409, 'rejected']);
    const decisions = await admin().selectFrom('decisions').selectAll().where('request_id', '=', plan.id).execute();
    expect(decisions).toHaveLength(1);
  });
});

describe('a question that is escalated when it expires', () => {
  it('stays open, counts those it was escalated to, and needs as many approvals as before', async () => {
    const policy = policyOf(stage(2, [person('approver@muster'), person('customer_admin@muster')]));
    const escalation = { afterHours: 96, to: [OPERATOR, contact('boss@firma.example')] };
    const saved = await desk.save({ ...policy, escalation, expiry: { afterHours: 48, outcome: 'escalate' } });
    expect(saved.status).toBe(200);
    const plan = await desk.asked();
    expect(await codeOf(desk.vote(plan, 'msp/operator'))).toBe('approval.not_an_approver');
    await expire(plan);
    expect(await records.expireRound(refOf(plan))).toBe(true);
    expect(await roundOf(plan)).toMatchObject({ status: 'open', expired_at: expect.any(Date) });
    const { body } = await desk.vote(plan, 'msp/operator');
    expect(body.waitingFor.votes).toMatchObject({ approvals: 1, needed: 2 });
    expect((await desk.vote(plan, 'muster/approver')).body.status).toBe('approved');
  });
});

describe('an expiry before the start', () => {
  it('counts from the start, and leaves an hour at least', async () => {
    await desk.save({ ...ONLY, expiry: { beforeStartHours: 24, outcome: 'reject' } });
    const early = await roundOf(await desk.asked(RequestFactory.of('muster'), '2040-05-02T10:00:00.000Z'));
    expect(early.expires_at).toEqual(new Date('2040-05-01T10:00:00.000Z'));
    const { opened_at: opened, expires_at: late } = await roundOf(
      await desk.asked(RequestFactory.of('muster'), '2020-05-02T10:00:00.000Z'),
    );
    expect(Math.round((late!.getTime() - opened.getTime()) / 60_000)).toBe(60);
  });
});
