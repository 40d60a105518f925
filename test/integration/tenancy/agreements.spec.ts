import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { ApprovalDesk } from '../../support/api/approval-desk.js';
import { localIn } from '../../support/api/dates.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { agreement, endLive, goLive } from '../../support/api/tenancy.factory.js';

/** What is done for a customer whose data nobody has agreed on. */
let fixture: ApiFixture;
let desk: ApprovalDesk;
let asApi: Database;
beforeAll(async () => {
  fixture = await startApiFixture();
  desk = new ApprovalDesk(fixture);
  asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 2 }, 'test');
});
afterAll(async () => {
  await asApi?.destroy();
  await fixture?.stop();
});

const admin = () => fixture.database.admin;
const asMuster = (statement: string) => inTenants(asApi, ['muster'], (tx) => sql.raw(statement).execute(tx));
const send = (method: string, path: string, body?: unknown, as: Who = 'msp/owner') =>
  fixture.call(method, path, { as, body, headers: fresh() });
const submit = () =>
  send(
    'POST',
    '/v1/requests',
    { type: 'offboarding', user: `user${newId().slice(-6)}`, lastWorkingAt: localIn(30) },
    'muster/requester',
  );

describe('a customer', () => {
  it('is made live by no statement of the api’s role without an agreement in force', async () => {
    await endLive(admin(), 'muster');
    const by = /no agreement of muster is in force/;
    await expect(asMuster(`UPDATE tenants SET live_since = now() WHERE id = 'muster'`)).rejects.toThrow(by);
    await expect(asMuster(`UPDATE tenants SET agreement_due = now() WHERE id = 'muster'`)).rejects.toThrow(
      /permission denied/,
    );
    await goLive(admin(), 'muster');
    await expect(
      asMuster(`UPDATE processing_agreements SET ended_at = now() WHERE tenant_id = 'muster' AND ended_at IS NULL`),
    ).rejects.toThrow(/muster is live/);
    expect((await submit()).status).toBe(202);
  });
});

describe('a plan that waits when the agreement ends', () => {
  afterEach(() => goLive(admin(), 'muster'));

  it('is approved by nobody and takes effect by no second person; it can be rejected', async () => {
    const [plan, other] = [await desk.asked(), await desk.asked()];
    await endLive(admin(), 'muster');
    for (const who of ['muster/approver', 'msp/owner'] as const)
      expect(await desk.vote(plan, who)).toMatchObject({
        status: 409,
        body: { code: 'tenant.not_live', context: { missing: ['agreement'] } },
      });
    // nor by a way that forgets to ask
    await expect(
      asMuster(`INSERT INTO decisions (tenant_id, request_id, id, revision, plan_hash, decision, decided_by, effective_at)
        VALUES ('muster', '${plan.id}', '${newId()}', 1, '${plan.planHash}', 'approve', 'approver@muster', now())`),
    ).rejects.toThrow('not_live');
    const { rows } = await sql<{ votes: string }>`
      SELECT count(*) AS votes FROM approval_votes WHERE approval_id = ${plan.approvalId}`.execute(admin());
    expect(Number(rows[0]!.votes)).toBe(0);
    expect((await desk.vote(other, 'muster/approver', 'reject', { reason: 'No.' })).body.status).toBe('rejected');
  });

  it('lets the leaver be locked out all the same', async () => {
    const plan = await desk.asked();
    const steps = JSON.stringify([{ id: 'disable_sign_in', accessCritical: true }]);
    await sql`UPDATE plans SET plan = jsonb_set(plan, '{steps}', ${steps}::jsonb) WHERE request_id = ${plan.id}`.execute(
      admin(),
    );
    await endLive(admin(), 'muster');
    const reason = 'He took the customers’ list.';
    const path = `/v1/requests/${plan.id}/acts`;
    expect((await send('POST', path, { act: 'lock_out', reason }, 'muster/customer_admin')).status).toBe(200);
    expect((await desk.vote(plan, 'muster/approver')).body.code).toBe('tenant.not_live');
  });

  it('of a run that began before is a difference like any other', async () => {
    const { id, planHash } = await RequestFactory.of('muster').planned(2).withRun('waiting').in(admin());
    await sql`UPDATE runs SET started_at = now() - interval '1 hour' WHERE request_id = ${id}`.execute(admin());
    await endLive(admin(), 'muster');
    expect((await desk.vote({ id, planHash, approvalId: '' }, 'muster/approver')).body.status).toBe('running');
  });
});

describe('a customer from before agreements were recorded', () => {
  const term = (hours: number) =>
    sql`UPDATE tenants SET live_since = created_at, agreement_due = now() + ${hours} * interval '1 hour' WHERE id = 'muster'`.execute(
      admin(),
    );

  it('is shown as one without an agreement, served until its term is over, and no longer', async () => {
    await endLive(admin(), 'muster');
    await term(24);
    const shown = (await send('GET', '/v1/tenants/muster')).body;
    expect(shown).toMatchObject({ missing: ['agreement'], agreementDue: expect.any(String) });
    expect((await submit()).status).toBe(202);
    const plan = await desk.asked();
    await term(-1);
    expect((await submit()).body.code).toBe('tenant.not_live');
    expect((await desk.vote(plan, 'muster/approver')).body.code).toBe('tenant.not_live');
    expect((await send('POST', '/v1/tenants/muster/agreements', agreement())).status).toBe(201);
    expect((await send('GET', '/v1/tenants/muster')).body).toMatchObject({ missing: [], agreementDue: null });
    expect((await desk.vote(plan, 'muster/approver')).body.status).toBe('approved');
    expect((await submit()).status).toBe(202);
  });
});
