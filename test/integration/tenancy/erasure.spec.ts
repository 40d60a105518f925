import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { appendAudit, chainEntries, verifyAudit } from '#libs/platform/audit';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import type { TemporalClient } from '#libs/platform/temporal';
import { keepRunProof } from '#libs/process';
import { DATA_MAP, keptByLaw, tablesOfTenants } from '#libs/tenancy';
import { DepartureRecordsOnDatabase } from '../../../apps/worker/activities/departure.activities.js';
import { ErasureActivitiesOnEngine } from '../../../apps/worker/activities/erasure.activities.js';
import { startLeavingFixture, type LeavingFixture } from '../../support/api/leaving.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { signedInAs } from '../../support/api/session.js';
import { eventually } from '../../support/eventually.js';
import { blindConverter } from '../../support/payloads.js';
import { newTaskQueue, openTemporal } from '../../support/temporal.js';
import { rowsOf } from '../api/scan/tenant-tables.js';

let fixture: LeavingFixture;
let admin: Database;
let bridge: Database;
let temporal: TemporalClient;
let records: DepartureRecordsOnDatabase;
let erasures: ErasureActivitiesOnEngine;
let departure: { tenant: string; id: string };
let erasure: { tenant: string; id: string };
let run: string;
/** The customer's certificate of it, exported while there was one. */
let certificate: Buffer;
/** The customer's id is this run's own: the engine is shared with other tests. */
const CUSTOMER = `c${newId().replaceAll('-', '').slice(-20)}`;
const PERSON = 'Zwetschgenkuchen';

/** All rows of a tenant, but what the API counts and lets go of by itself. */
async function lastingRowsOf(tenant: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = new Map(await rowsOf(admin, tenant));
  for (const table of ['limit_buckets', 'limit_slots']) rows.delete(table);
  return rows;
}

beforeAll(async () => {
  fixture = await startLeavingFixture();
  admin = fixture.api.database.admin;
  bridge = openDatabase({ url: fixture.api.database.urlFor('bridge'), poolSize: 2 }, 'test');
  const taskQueue = newTaskQueue();
  temporal = await openTemporal(taskQueue, blindConverter);
  records = new DepartureRecordsOnDatabase(fixture.worker, null);
  erasures = new ErasureActivitiesOnEngine(fixture.worker, temporal.client);
  await sql`INSERT INTO tenants (id, kind, name, time_zone) VALUES (${CUSTOMER}, 'customer', 'Kuchen AG', 'Europe/Berlin')`.execute(
    admin,
  );
  const about = RequestFactory.of(CUSTOMER).about(PERSON).planned().inStatus('closed').withRun('completed');
  run = (await about.wrote('disable_sign_in', LOCKED).in(admin)).runId;
  await sql`INSERT INTO contacts (tenant_id, id, name, role, external_references, changed_by)
    VALUES (${CUSTOMER}, ${newId()}, ${PERSON}, 'technical', '{}', 'x')`.execute(admin);
  await sql`INSERT INTO payload_keys (tenant_id, version, key_id, wrapped_key) VALUES (${CUSTOMER}, 1, 'local:1', '\\x00')`.execute(
    admin,
  );
  await inTenants(fixture.worker, [CUSTOMER], (tx) =>
    appendAudit(tx, CUSTOMER, [
      {
        action: 'user.locked_out',
        actor: `${PERSON}@${CUSTOMER}`,
        object: { kind: 'user', id: PERSON },
        reason: PERSON,
      },
      { action: 'tenant.changed', actor: 'owner@msp', object: { kind: 'tenant', id: CUSTOMER }, after: { by: PERSON } },
    ]),
  );
  await temporal.client.workflow.start('nobodyWorks', {
    workflowId: `${CUSTOMER}/handover/${newId()}`,
    taskQueue,
    args: [],
  });
  await chain();
  departure = { tenant: CUSTOMER, id: newId() };
  await sql`INSERT INTO tenant_offboardings (tenant_id, id, status, reason, last_day, closes_at, open_runs, fetch_days, retention_days,
      requested_by, confirmed_by, closed_at, fetch_until, proven_at, erase_after)
    VALUES (${CUSTOMER}, ${departure.id}, 'due', 'The contract ended.', '2026-01-31', now(), 'finish', 0, 0, 'owner@msp', 'second@msp',
      now(), now(), now(), now())`.execute(admin);
});
afterAll(async () => {
  await temporal?.stop();
  await bridge?.destroy();
  await fixture?.stop();
});

/** The exit code of `npm run verify-certificate` on these files. */
function verdictOn(...contents: readonly (string | Buffer)[]): number | null {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-proof-'));
  const files = contents.map((_, place) => join(dir, `${place}`));
  contents.forEach((content, place) => writeFileSync(files[place]!, content));
  const { status } = spawnSync(process.execPath, ['tools/verify-certificate/main.mjs', ...files]);
  rmSync(dir, { recursive: true });
  return status;
}

async function chain(): Promise<void> {
  while ((await chainEntries(bridge)).more);
}
const owner = (which: 1 | 2, method: string, path: string, body?: unknown) =>
  fixture.asOwner(which, method, path, body, CUSTOMER);
/** As the worker runs it: with a heartbeat. */
const act = (name: 'forgetHistories' | 'pseudonymiseAudit' | 'eraseRows' | 'eraseKept') =>
  new MockActivityEnvironment().run(() => erasures[name](erasure));

/** Calls the erasure with the emergency key. */
async function fromTheSafe() {
  const person = await PersonFactory.at('msp').from('emergency').granted('owner', 'all').in(fixture.api.database.admin);
  const headers = await signedInAs(fixture.api, 'msp', person, 'emergency');
  return (path: string, body?: unknown) =>
    fixture.api.call('POST', `/v1/tenants/${CUSTOMER}/offboarding/erasure${path}`, {
      headers: { ...headers, 'idempotency-key': newId() },
      body,
    });
}

describe('the erasure of a customer that left', () => {
  it('knows every table of the database that carries a tenant, and what the law keeps of each that it leaves', async () => {
    const tables = await inTenants(fixture.worker, ['msp'], (tx) => tablesOfTenants(tx));
    expect([...tables].sort()).toEqual(
      Object.keys(DATA_MAP)
        .filter((table) => table !== 'tenants')
        .sort(),
    );
    expect(keptByLaw().filter(({ law }) => law.length < 10)).toEqual([]);
  });

  it('is not ordered by one owner alone, nor while a legal hold stands', async () => {
    const hold = await owner(1, 'POST', 'legal-holds', { person: 'someone', reason: 'A court asked.' });
    expect(hold.status).toBe(201);
    const held = { status: 409, body: { code: 'offboarding.erasure_held', context: { holds: [hold.body.id] } } };
    expect(await owner(1, 'POST', 'offboarding/erasure', { reason: 'Due.' })).toMatchObject(held);
    await owner(1, 'POST', `legal-holds/${hold.body.id}/end`, { reason: 'Settled.' });
    const safe = await fromTheSafe();
    expect(await safe('', { reason: 'Due.' })).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect((await owner(1, 'POST', 'offboarding/erasure', { reason: 'Due.' })).status).toBe(200);
    expect(await owner(1, 'POST', 'offboarding/erasure/confirm')).toMatchObject({
      status: 409,
      body: { code: 'offboarding.second_owner_needed' },
    });
    expect(await safe('/confirm')).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect(await records.lookAtDeparture(departure)).toEqual({ stage: 'due', released: false });
    expect((await owner(2, 'POST', 'offboarding/erasure/confirm')).status).toBe(200);
    expect(await records.lookAtDeparture(departure)).toEqual({ stage: 'due', released: true });
  });

  it('is taken back by any owner until it begins, even when both have said so and its workflow is about to begin it', async () => {
    expect((await owner(1, 'POST', 'offboarding/erasure/withdraw', {})).status).toBe(422);
    const reason = 'They are in a dispute.';
    const { status, body } = await owner(1, 'POST', 'offboarding/erasure/withdraw', { reason });
    expect([status, body.status]).toEqual([200, 'due']);
    const stages = body.stages.filter(({ stage }: { stage: string }) => stage.startsWith('erasure_'));
    expect(stages).toMatchObject([{ stage: 'erasure_withdrawn', by: 'owner@msp', reason }]);
    expect(await records.lookAtDeparture(departure)).toEqual({ stage: 'due', released: false });
    expect(await records.beginErasure(departure)).toBe(false);
    const { rows: told } =
      await sql`SELECT FROM outbox o JOIN tenant_offboardings d ON o.headers ->> 'ce_id' = d.event_ids[array_upper(d.event_ids, 1)]::text
      WHERE o.tenant_id = ${CUSTOMER} AND d.id = ${departure.id} AND o.headers ->> 'ce_type' = 'de.stellwerk.tenancy.offboarding.moved.v1'`.execute(
        admin,
      );
    expect(told).toHaveLength(1);
    const entry = admin.selectFrom('audit_entries').select('before').where('object_id', '=', departure.id);
    expect(await entry.where('action', '=', 'tenant_offboarding.erasure_withdrawn').execute()).toEqual([
      { before: { requestedBy: 'owner@msp', confirmedBy: 'second@msp' } },
    ]);
    expect((await owner(2, 'POST', 'offboarding/erasure/withdraw', { reason })).body.code).toBe(
      'offboarding.state_wrong',
    );
  });

  it('is asked for by one: another owner’s asking does not take their place, in the database neither', async () => {
    expect((await owner(1, 'POST', 'offboarding/erasure', { reason: 'Due after all.' })).status).toBe(200);
    for (const which of [1, 2] as const)
      expect(await owner(which, 'POST', 'offboarding/erasure', { reason: 'Mine.' })).toMatchObject({
        status: 409,
        body: { code: 'offboarding.erasure_asked_already', context: { requestedBy: 'owner@msp' } },
      });
    const inPlace = inTenants(admin, [CUSTOMER], (tx) =>
      sql`UPDATE tenant_offboardings SET erasure_requested_by = 'eve@msp' WHERE id = ${departure.id}`.execute(tx),
    );
    await expect(inPlace).rejects.toThrow(/asked for the erasure/);
    expect((await owner(2, 'POST', 'offboarding/erasure/confirm')).status).toBe(200);
  });

  it('does not begin while a legal hold stands that came after the word of two, nor before its time, whoever asks', async () => {
    const hold = await owner(2, 'POST', 'legal-holds', { reason: 'The tax office asks.' });
    expect(await records.beginErasure(departure)).toBe(false);
    expect((await owner(1, 'GET', 'offboarding')).body.held).toMatchObject({ code: 'offboarding.erasure_held' });
    const force = () =>
      inTenants(fixture.worker, [CUSTOMER], (tx) =>
        sql`SELECT begin_erasure_of_tenant(${CUSTOMER}, ${departure.id}, ${newId()}, ${newId()}, '[]')`.execute(tx),
      );
    await expect(force()).rejects.toThrow(/legal hold/);
    await owner(2, 'POST', `legal-holds/${hold.body.id}/end`, { reason: 'Answered.' });
    const after = (days: number) =>
      sql`UPDATE tenant_offboardings SET erase_after = now() + ${days}::int * interval '1 day' WHERE id = ${departure.id}`.execute(
        admin,
      );
    await after(1);
    await expect(force()).rejects.toThrow(/not due/);
    await after(-1);
  });

  it('leaves the certificates to whoever exported them before', async () => {
    const { status, text } = await fixture.api.call('GET', `/v1/runs/${run}/certificate`, { as: 'msp/owner' });
    expect([status, text.includes(PERSON)]).toEqual([200, true]);
    certificate = Buffer.from(text);
    const early = inTenants(fixture.worker, [CUSTOMER], (tx) => keepRunProof(tx, CUSTOMER, run, '{"forged":"early"}'));
    await expect(early).rejects.toThrow(/row-level security/);
  });

  it('begins once and for good: from then on nobody sees the customer', async () => {
    expect(await records.beginErasure(departure)).toBe(true);
    expect(await records.beginErasure(departure)).toBe(true);
    expect((await owner(1, 'GET', 'offboarding')).status).toBe(404);
    const { body } = await fixture.api.call('GET', '/v1/erasures', { as: 'msp/owner' });
    expect(body.items).toMatchObject([{ customer: CUSTOMER, requestedBy: 'owner@msp', confirmedBy: 'second@msp' }]);
    erasure = { tenant: 'msp', id: body.items[0].id };
    expect((await fixture.api.call('GET', '/v1/erasures', { as: 'muster/customer_admin' })).status).toBe(403);
  });

  it('deletes the customer’s histories from the engine, running ones too', async () => {
    await eventually('the engine lists nothing of it', () =>
      act('forgetHistories').then(
        () => true,
        () => false,
      ),
    );
    const left = [];
    for await (const one of temporal.client.workflow.list({ query: `WorkflowId STARTS_WITH "${CUSTOMER}/"` }))
      left.push(one);
    expect(left).toEqual([]);
  });

  it('leaves no name in the audit that the law keeps, and its chain holds', async () => {
    await act('pseudonymiseAudit');
    await act('pseudonymiseAudit');
    await chain();
    const audit = (await rowsOf(admin, CUSTOMER)).get('audit_entries')!.join('\n');
    expect(audit).not.toContain(PERSON);
    expect(audit).toContain('user.locked_out');
    expect(audit).toContain('owner@msp');
    for await (const verdict of verifyAudit(bridge, { tenant: CUSTOMER, check: () => 'valid' }))
      expect(verdict.findings).toEqual([]);
  });

  it('waits for events that are not sent, then empties every table but those that the law keeps, and nobody else’s', async () => {
    const others = await lastingRowsOf('muster');
    await expect(act('eraseRows')).rejects.toThrow(/not sent yet/);
    await sql`UPDATE outbox SET sent_at = now() WHERE tenant_id = ${CUSTOMER}`.execute(admin);
    await act('eraseRows');
    await erasures.finishErasure(erasure);
    const kept = [...keptByLaw().map(({ table }) => table)];
    const rows = await rowsOf(admin, CUSTOMER);
    const left = [...rows].filter(([, found]) => found.length > 0).map(([table]) => table);
    expect(left.filter((table) => !kept.includes(table))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining(['tenants', 'audit_entries', 'audit_chain', 'tenant_offboardings']));
    expect([...rows.values()].flat().join('\n')).not.toContain(PERSON);
    expect(await lastingRowsOf('muster')).toEqual(others);
    const { body } = await fixture.api.call('GET', '/v1/erasures', { as: 'msp/auditor' });
    expect(body.items[0]).toMatchObject({
      histories: 1,
      erased: { requests: 1, runs: 1, contacts: 1, payload_keys: 1 },
    });
    expect(body.items[0].endedAt).not.toBeNull();
  });

  it('keeps of each certificate outcome, dates and hash, signed, and nobody’s name; the tool verifies it, and the whole one by it', async () => {
    const at = `/v1/erasures/${erasure.id}/certificates`;
    const get = async (path: string) => fixture.api.call('GET', path, { as: 'msp/owner' });
    const listed = (await get(at)).body;
    const sha256 = createHash('sha256').update(certificate).digest('hex');
    expect(listed.items).toMatchObject([{ runId: run, outcome: 'completed', certificateSha256: sha256 }]);
    const proof = await get(`${at}/${run}`);
    expect(proof.body).toMatchObject({ format: 'stellwerk.run-proof.v1', run: { id: run, tenant: CUSTOMER } });
    expect(proof.body.steps).toMatchObject([{ outcome: 'succeeded' }]);
    expect(proof.text).not.toContain(PERSON);
    const files = [proof.text, (await get(`${at}/${run}/signature`)).text, (await get('/v1/signing-keys')).text];
    const changed = proof.text.replace('"completed"', '"cancelled"');
    expect(verdictOn(...files)).toBe(0);
    expect(verdictOn(...files, certificate)).toBe(0);
    expect(verdictOn(changed, ...files.slice(1))).toBe(1);
    expect(verdictOn(...files, `${certificate.toString()} `)).toBe(1);
    expect((await fixture.api.call('GET', at, { as: 'muster/customer_admin' })).status).toBe(403);
    expect((await get(`/v1/runs/${run}/certificate`)).status).toBe(404);
  });

  it('keeps proofs as they are: no program changes or deletes one before its time', async () => {
    const change = inTenants(fixture.worker, [CUSTOMER], (tx) => sql`UPDATE run_proofs SET proof = '{}'`.execute(tx));
    await expect(change).rejects.toThrow(/permission denied/);
    const early = inTenants(fixture.worker, ['msp'], (tx) =>
      sql`SELECT erase_tenant_rows('msp', ${erasure.id}, 'run_proofs', 10)`.execute(tx),
    );
    await expect(early).rejects.toThrow(/The law keeps run_proofs/);
  });

  it('keeps the audit from everybody until its time is over, then deletes it as well', async () => {
    const early = inTenants(fixture.worker, ['msp'], (tx) =>
      sql`SELECT erase_tenant_rows('msp', ${erasure.id}, 'audit_entries', 10)`.execute(tx),
    );
    await expect(early).rejects.toThrow(/The law keeps audit_entries/);
    await expect(sql`DELETE FROM audit_entries WHERE tenant_id = ${CUSTOMER}`.execute(admin)).rejects.toThrow(
      /append-only/,
    );
    expect(await erasures.nextKept(erasure)).toBeGreaterThan(Date.parse('2029-12-31'));
    await sql`UPDATE tenant_erasure_kept SET keep_until = now() - interval '1 day' WHERE keep_until IS NOT NULL`.execute(
      admin,
    );
    await act('eraseKept');
    expect(await erasures.nextKept(erasure)).toBeNull();
    const left = [...(await rowsOf(admin, CUSTOMER))].filter(([, found]) => found.length > 0).map(([table]) => table);
    expect(left).toEqual(['tenants']);
    await expect(sql`DELETE FROM audit_entries WHERE tenant_id = 'msp'`.execute(admin)).rejects.toThrow(/append-only/);
  });

  it('never gives the id of an erased customer again', async () => {
    const again = { id: CUSTOMER, name: 'Again', timeZone: 'UTC' };
    const headers = { 'idempotency-key': newId() };
    const call = await fixture.api.call('POST', '/v1/tenants', { as: 'msp/owner', body: again, headers });
    expect(call).toMatchObject({ status: 409, body: { code: 'tenant.id_taken' } });
  });
});
