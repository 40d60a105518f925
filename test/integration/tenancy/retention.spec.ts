import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { appendAudit, chainEntries, verifyAudit } from '#libs/platform/audit';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { DATA_MAP, eraseEndedRequests, RETENTION, type RetainedOutcome } from '#libs/tenancy';
import { RetentionActivitiesOnDatabase } from '../../../apps/worker/activities/retention.activities.js';
import type { RetentionLook } from '../../../workflows/support/activities.js';
import type { Who } from '../../support/api/api-fixture.js';
import { startLeavingFixture, type LeavingFixture } from '../../support/api/leaving.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { rowsOf } from '../api/scan/tenant-tables.js';

let fixture: LeavingFixture;
let admin: Database;
let bridge: Database;

beforeAll(async () => {
  fixture = await startLeavingFixture();
  admin = fixture.api.database.admin;
  bridge = openDatabase({ url: fixture.api.database.urlFor('bridge'), poolSize: 2 }, 'test');
});
afterAll(async () => {
  await bridge?.destroy();
  await fixture?.stop();
});
beforeEach(() => sql`UPDATE legal_holds SET ended_at = now() WHERE ended_at IS NULL`.execute(admin));

interface Ended {
  readonly runId: string;
  readonly id: string;
}

/** A request that ended so many days ago. */
async function ended(outcome: RetainedOutcome, days: number, { tenant = 'muster', about = 'eva.beck' } = {}) {
  const request = RequestFactory.of(tenant).about(about).planned();
  const isOwn = outcome === 'rejected' || outcome === 'refused';
  const made = isOwn
    ? await request.inStatus(outcome).in(admin)
    : await request.inStatus('closed').withRun(outcome).wrote('disable_sign_in', LOCKED).in(admin);
  await age(made.id, days);
  return made;
}

async function age(id: string, days: number): Promise<void> {
  const at = sql`now() - ${days}::int * interval '1 day'`;
  await sql`UPDATE requests SET updated_at = ${at} WHERE id = ${id}`.execute(admin);
  await sql`UPDATE runs SET ended_at = ${at} WHERE request_id = ${id} AND status NOT IN ('queued', 'running', 'waiting')`.execute(
    admin,
  );
}

const put = (outcomes: readonly { outcome: RetainedOutcome; days: number }[], as: Who = 'msp/owner') =>
  fixture.api.call('PUT', '/v1/retention', { as, headers: { 'stellwerk-tenant': 'muster' }, body: { outcomes } });

async function shown(outcome: RetainedOutcome, tenant = 'muster') {
  const { body } = await fixture.api.call('GET', `/v1/retention?tenant=${tenant}`, { as: 'msp/auditor' });
  const { outcomes, ...rest } = body.items[0];
  return { ...rest, ...outcomes.find((one: { outcome: string }) => one.outcome === outcome) };
}

/** A round as the worker runs it. */
async function round(batch?: number, batches?: number): Promise<RetentionLook> {
  const { rows } = await sql<{ id: string }>`SELECT id FROM tenant_retention WHERE tenant_id = 'muster'`.execute(admin);
  const activities = new RetentionActivitiesOnDatabase(fixture.worker, batch, batches);
  const ref = { tenant: 'muster', id: rows[0]?.id ?? newId() };
  return (await new MockActivityEnvironment().run(() => activities.eraseEnded(ref))) as RetentionLook;
}

async function isThere({ id }: { readonly id: string }): Promise<boolean> {
  return (await sql`SELECT FROM requests WHERE id = ${id}`.execute(admin)).rows.length === 1;
}

/** Rows in every table that is made of a request. */
async function everything({ id, runId }: Ended): Promise<void> {
  const round = newId();
  const link = newId();
  const hash = 'h'.repeat(64);
  await sql`INSERT INTO decisions (tenant_id, request_id, id, revision, plan_hash, decision, decided_by)
    VALUES ('muster', ${id}, ${newId()}, 1, ${hash}, 'approve', 'a@muster')`.execute(admin);
  await sql`INSERT INTO confirmations (tenant_id, request_id, revision, id, plan_hash, confirmed_by, codes)
    VALUES ('muster', ${id}, 1, ${newId()}, ${hash}, 'b@msp', '{}')`.execute(admin);
  await sql`INSERT INTO acts (tenant_id, id, request_id, run_id, act, message, reason, given_by, given_at)
    VALUES ('muster', ${newId()}, ${id}, ${runId}, 'pause', '{}', 'x', 'b@msp', now() - interval '10 years')`.execute(
    admin,
  );
  await sql`INSERT INTO approval_rounds (tenant_id, id, subject_kind, subject_id, subject_revision, subject_hash, request_id, process,
      policy, policy_from, policy_version, status, closed_at, event_ids)
    VALUES ('muster', ${round}, 'plan', ${id}, 1, ${hash}, ${id}, 'offboarding', '{}', 'default', 0, 'approved', now(), '{}')`.execute(
    admin,
  );
  await sql`INSERT INTO approval_votes (tenant_id, approval_id, id, stage, voter, verdict, subject_hash)
    VALUES ('muster', ${round}, ${newId()}, 1, 'a@muster', 'approve', ${hash})`.execute(admin);
  await sql`INSERT INTO mailed_links (tenant_id, id, purpose, object_id, recipient, token_hash, expires_at)
    VALUES ('muster', ${link}, 'approval', ${round}, 'a@muster.example', ${Buffer.from(link)}, now())`.execute(admin);
  for (const owner of [`muster/${runId}/disable_sign_in`, `mailed-link/${link}`])
    await sql`INSERT INTO sealed_values (tenant_id, owner, name, key_id, wrapped_key, ciphertext)
      VALUES ('muster', ${owner}, 'x', 'local:1', '\\x00', '\\x00')`.execute(admin);
  await sql`INSERT INTO one_time_links (tenant_id, id, run_id, step_id, token_hash, expires_at)
    VALUES ('muster', ${newId()}, ${runId}, 'disable_sign_in', ${Buffer.from(newId())}, now())`.execute(admin);
  await sql`INSERT INTO run_timeline (tenant_id, run_id, seq, kind, who, data)
    VALUES ('muster', ${runId}, 1, 'began', 'stellwerk', '{}')`.execute(admin);
}

describe('the age of what has ended', () => {
  it('erases nothing before somebody set it, or the customer went live by an agreement', async () => {
    const old = await ended('refused', 5_000);
    expect(await shown('refused')).toMatchObject({ since: null, days: RETENTION.refused.usual, own: false, due: 1 });
    expect(await round()).toEqual({ next: 'over' });
    const force = inTenants(fixture.worker, ['muster'], (tx) => eraseEndedRequests(tx, 'muster', 10));
    await expect(force).rejects.toThrow(/erased by its age/);
    expect(await isThere(old)).toBe(true);
  });

  it('is not shortened by those whose history it is, nor under what is needed, nor by a program beyond that', async () => {
    for (const as of ['muster/customer_admin', 'muster/requester', 'msp/operator', 'msp/auditor'] as const)
      expect((await put([{ outcome: 'failed', days: 100 }], as)).status).toBe(403);
    expect(await put([{ outcome: 'completed', days: 89 }])).toMatchObject({
      status: 422,
      body: { code: 'retention.out_of_bounds', errors: [{ path: 'completed' }] },
    });
    const young = await ended('refused', 29);
    await put([]);
    await sql`UPDATE tenant_retention SET days = '{"refused": 0}' WHERE tenant_id = 'muster'`.execute(admin);
    await round();
    expect(await isThere(young)).toBe(true);
  });

  it('is set by an owner, tells the workflow, and is on record', async () => {
    const { status, body } = await put([{ outcome: 'failed', days: 100 }]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ tenant: 'muster', setBy: 'owner@msp' });
    expect(await shown('failed')).toMatchObject({ days: 100, own: true, usual: 365, least: 90 });
    const { rows } = await sql<{ action: string; after: object }>`SELECT action, after FROM audit_entries
      WHERE tenant_id = 'muster' AND action = 'retention.changed' ORDER BY id DESC LIMIT 1`.execute(admin);
    expect(rows[0]!.after).toEqual({ failed: 100 });
    const { rows: events } = await sql<{ type: string; known: boolean }>`
      SELECT headers ->> 'ce_type' AS type, o.event_id = ANY (r.event_ids) AS known FROM outbox o JOIN tenant_retention r USING (tenant_id)
      WHERE tenant_id = 'muster' AND headers ->> 'ce_type' LIKE '%.retention.%' ORDER BY o.sequence`.execute(admin);
    expect(events.map(({ type }) => type.split('.').slice(-2, -1)[0])).toEqual(['begun', 'changed', 'changed']);
    expect(events.every(({ known }) => known)).toBe(true);
  });

  it('erases what is due with everything that is made of it, by outcome, and nobody else’s; the audit’s chain holds', async () => {
    const due = await ended('failed', 101, { about: 'zwetschge' });
    await everything(due);
    await inTenants(fixture.worker, ['muster'], (tx) =>
      appendAudit(tx, 'muster', {
        ...{ action: 'run.ended', actor: 'engine', request: due.id },
        object: { kind: 'run', id: due.runId },
      }),
    );
    const kept = [await ended('failed', 99), await ended('completed', 101), await ended('rejected', 179)];
    const theirs = await ended('failed', 5_000, { tenant: 'nordlicht' });
    const others = await rowsOf(admin, 'nordlicht');
    expect(await shown('failed')).toMatchObject({ due: 1, held: 0 });
    const look = await round();
    expect(look).toMatchObject({ next: 'wait' });
    expect((look as { waitMs: number }).waitMs).toBeLessThanOrEqual(86_400_000);
    expect(await isThere(due)).toBe(false);
    for (const one of [...kept, theirs]) expect(await isThere(one)).toBe(true);
    expect(await rowsOf(admin, 'nordlicht')).toEqual(others);
    const left = [...(await rowsOf(admin, 'muster'))].filter(([, rows]) => rows.join('\n').includes('zwetschge'));
    expect(left).toEqual([]);
    const { rows } = await sql<{
      after: { outcomes: object; rows: Record<string, number> };
    }>`SELECT after FROM audit_entries
      WHERE tenant_id = 'muster' AND action = 'retention.erased' ORDER BY id DESC LIMIT 1`.execute(admin);
    expect(rows[0]!.after.outcomes).toEqual({ failed: 1 });
    const made = Object.entries(DATA_MAP).filter(([, data]) => data.kept === 'process');
    const named = Object.entries(rows[0]!.after.rows).filter(([, n]) => n > 0);
    expect(named.map(([table]) => table).sort()).toEqual([...made.map(([table]) => table), 'mailed_links'].sort());
    while ((await chainEntries(bridge)).more);
    for await (const verdict of verifyAudit(bridge, { tenant: 'muster', check: () => 'valid' }))
      expect(verdict.findings).toEqual([]);
    const { rows: entries } = await sql`SELECT FROM audit_entries WHERE request_id = ${due.id}`.execute(admin);
    expect(entries.length).toBeGreaterThan(0);
  });

  it('goes on where it stopped, a batch at a time', async () => {
    const due = [await ended('failed', 300), await ended('failed', 301), await ended('failed', 302)];
    expect(await round(1, 2)).toEqual({ next: 'more' });
    expect(await Promise.all(due.map(isThere))).toEqual([true, false, false]);
    expect(await round(1, 2)).toMatchObject({ next: 'wait' });
    expect(await isThere(due[0]!)).toBe(false);
  });
});

describe('what is old enough, and kept all the same', () => {
  it('is what a legal hold on the customer covers, and says so; its end has the workflow look again', async () => {
    const due = await ended('failed', 200);
    const hold = await fixture.asOwner(1, 'POST', 'legal-holds', { reason: 'A court asked.' });
    await round();
    expect(await isThere(due)).toBe(true);
    expect((await shown('failed')).held).toBeGreaterThanOrEqual(1);
    expect((await shown('failed')).due).toBe(0);
    const told = () => sql<{ n: number }>`SELECT cardinality(event_ids) AS n FROM tenant_retention`.execute(admin);
    const before = (await told()).rows[0]!.n;
    await fixture.asOwner(1, 'POST', `legal-holds/${hold.body.id}/end`, { reason: 'Settled.' });
    expect((await told()).rows[0]!.n).toBe(before + 1);
    await round();
    expect(await isThere(due)).toBe(false);
  });

  it('is what a legal hold on a person covers, and nothing else', async () => {
    const [hers, his] = [await ended('failed', 200, { about: 'Held.Person' }), await ended('failed', 200)];
    await fixture.asOwner(1, 'POST', 'legal-holds', { person: 'held.person', reason: 'A court asked.' });
    await round();
    expect([await isThere(hers), await isThere(his)]).toEqual([true, false]);
    expect(await shown('failed')).toMatchObject({ held: 1, due: 0 });
  });

  it('is what is open, acted on, being taken back, waited for or confidential still', async () => {
    const { id: reworked } = await ended('failed', 200);
    await sql`UPDATE runs SET status = 'running' WHERE request_id = ${reworked}`.execute(admin);
    const { id: acted } = await ended('failed', 200);
    await sql`INSERT INTO acts (tenant_id, id, request_id, act, message, reason, given_by)
      VALUES ('muster', ${newId()}, ${acted}, 'retry', '{}', 'x', 'b@msp')`.execute(admin);
    const taken = await ended('failed', 200);
    const back = RequestFactory.of('muster').with({
      type: 'reinstatement',
      body: JSON.stringify({ runId: taken.runId }),
    });
    await back.in(admin);
    const awaited = await ended('failed', 200);
    await sql`INSERT INTO one_time_links (tenant_id, id, run_id, step_id, token_hash, ciphertext, expires_at)
      VALUES ('muster', ${newId()}, ${awaited.runId}, 'x', ${Buffer.from(newId())}, '\\x00', now() + interval '1 day')`.execute(
      admin,
    );
    const { id: confidential } = await ended('failed', 200);
    await sql`UPDATE requests SET confidential_until = now() + interval '1 day' WHERE id = ${confidential}`.execute(
      admin,
    );
    await round();
    for (const id of [reworked, acted, taken.id, awaited.id, confidential]) expect(await isThere({ id })).toBe(true);
  });

  it('is all of another tenant, whatever a program asks for', async () => {
    const force = inTenants(fixture.worker, ['nordlicht'], (tx) => eraseEndedRequests(tx, 'muster', 10));
    await expect(force).rejects.toThrow(/does not write for muster/);
    const { body } = await fixture.api.call('GET', '/v1/retention', { as: 'nordlicht/customer_admin' });
    expect(body.items.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['nordlicht']);
  });
});
