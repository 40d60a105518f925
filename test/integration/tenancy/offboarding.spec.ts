import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants } from '#libs/platform/database';
import { newId } from '#libs/kernel';
import { AccessProbeActivities } from '../../../apps/worker/activities/access-probe.activities.js';
import { DepartureRecordsOnDatabase } from '../../../apps/worker/activities/departure.activities.js';
import { startLeavingFixture, type LeavingFixture } from '../../support/api/leaving.js';
import { localIn } from '../../support/api/dates.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { signedInAs } from '../../support/api/session.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { DirectoryFixture } from '../connectors/directory-fixture.js';

let fixture: LeavingFixture;
let directory: DirectoryFixture;
let account: string;
let records: DepartureRecordsOnDatabase;
let probes: AccessProbeActivities;
let ref: { tenant: string; id: string };
const PASSWORD = 'Our-bind-passw0rd-1';
const LEAVES = { lastDay: '2031-03-31', reason: 'The contract ended.', openRuns: 'cancel' };

beforeAll(async () => {
  [fixture, directory] = await Promise.all([startLeavingFixture(), DirectoryFixture.start()]);
  account = await directory.addPerson('stellwerk.svc', { password: PASSWORD });
  records = new DepartureRecordsOnDatabase(fixture.worker, null);
  probes = new AccessProbeActivities(fixture.worker, fixture.secrets);
  const { ldaps, baseDn, peopleOu, leaversOu, groupsOu, caFile } = directory.access;
  const caPem = readFileSync(caFile, 'utf8');
  const config = { url: ldaps, caPem, bindDn: account, baseDn, peopleOu, leaversOu, groupsOu, dialect: 'openldap' };
  const unreachable = { host: '127.0.0.1', port: 9, from: 'it@muster.de', startTls: true, user: 'it@muster.de' };
  const systems = [
    { name: 'directory', kind: 'ldap', config, secret_ref: 'secret://directory-bind' },
    { name: 'mail', kind: 'smtp', config: unreachable, secret_ref: 'secret://mail-login' },
  ];
  for (const { name, kind, config: value, secret_ref } of systems)
    await sql`INSERT INTO systems (tenant_id, name, kind, config, secret_ref)
      VALUES ('muster', ${name}, ${kind}, ${JSON.stringify(value)}, ${secret_ref})`.execute(fixture.api.database.admin);
  await fixture.keep('directory-bind', PASSWORD);
  await fixture.keep('mail-login', 'Mail-passw0rd-1');
});
afterAll(async () => {
  await directory?.stop();
  await fixture?.stop();
});

const owner = (which: 1 | 2, method: string, path: string, body?: unknown) =>
  fixture.asOwner(which, method, `offboarding${path}`, body);
const probe = (entry: string) =>
  probes.probeAccess(
    { ...ref, entry },
    { signal: new AbortController().signal, attempt: 1, heartbeat: () => undefined },
  );
const entryOf = async (entry: string) =>
  (await owner(1, 'GET', '')).body.access.find((one: { entry: string }) => one.entry === entry);

/** A session of an emergency account, and calls with it. */
async function fromTheSafe() {
  const person = await PersonFactory.at('msp')
    .named(`safe-${newId()}`)
    .from('emergency')
    .granted('owner', 'all')
    .in(fixture.api.database.admin);
  const headers = await signedInAs(fixture.api, 'msp', person, 'emergency');
  const call = (path: string, body?: unknown) =>
    fixture.api.call('POST', `/v1/tenants/muster/offboarding${path}`, {
      headers: { ...headers, 'idempotency-key': newId() },
      body,
    });
  const { subject } = await fixture.api.database.admin
    .selectFrom('people')
    .select('subject')
    .where('id', '=', person)
    .executeTakeFirstOrThrow();
  return { call, subject };
}

describe('the off-boarding of a customer', () => {
  it('is not asked for with the emergency key from the safe, by an owner who then confirms in their own name', async () => {
    const { call, subject } = await fromTheSafe();
    const refused = { status: 403, body: { code: 'access.denied', detail: expect.stringContaining('emergency') } };
    expect(await call('', LEAVES)).toMatchObject(refused);
    expect((await owner(1, 'GET', '')).status).toBe(404);
    // asked for before this was refused
    const asked = await owner(1, 'POST', '', LEAVES);
    const { admin } = fixture.api.database;
    const row = admin.updateTable('tenant_offboardings').where('id', '=', asked.body.id);
    await row.set({ requested_by: subject }).execute();
    expect(await owner(1, 'POST', '/confirm')).toMatchObject({
      status: 409,
      body: { code: 'offboarding.second_owner_needed', detail: expect.stringContaining('emergency') },
    });
    expect((await owner(1, 'POST', '/cancel', { reason: 'Asked from the safe.' })).status).toBe(200);
  });

  it('is not begun by one owner alone, nor by anybody else, nor for the MSP itself', async () => {
    for (const as of ['msp/operator', 'msp/auditor', 'muster/customer_admin'] as const) {
      const call = { as, body: LEAVES, headers: { 'idempotency-key': newId() } };
      expect((await fixture.api.call('POST', '/v1/tenants/muster/offboarding', call)).status).toBe(403);
    }
    expect(await fixture.asOwner(1, 'POST', 'offboarding', LEAVES, 'msp')).toMatchObject({
      status: 409,
      body: { code: 'tenant.state_wrong' },
    });
    const asked = await owner(1, 'POST', '', LEAVES);
    expect([asked.status, asked.body.status]).toEqual([201, 'requested']);
    expect(asked.body.closesAt).toBe('2031-03-31T22:00:00.000Z');
    expect(await owner(1, 'POST', '/confirm')).toMatchObject({
      status: 409,
      body: { code: 'offboarding.second_owner_needed' },
    });
    const { body } = await owner(1, 'GET', '');
    expect(body.status).toBe('requested');
    ref = { tenant: 'muster', id: body.id };
  });

  it('is not confirmed by a second account of the first one: invited, granted, made afterwards, for emergencies', async () => {
    const { admin } = fixture.api.database;
    const before = sql<Date>`now() - interval '1 year'`;
    const tries: Record<string, string> = {};
    const helper = async (
      how: string,
      change: (person: string) => Promise<unknown>,
      factory = PersonFactory.at('msp'),
    ) => {
      const person = await factory.granted('owner', 'all').in(admin);
      await admin.updateTable('role_grants').set({ granted_at: before }).where('person_id', '=', person).execute();
      await change(person);
      tries[how] = person;
    };
    const granted = (by: string, at: typeof before) => (person: string) =>
      admin
        .updateTable('role_grants')
        .set({ granted_by: by, granted_at: at })
        .where('person_id', '=', person)
        .execute();
    await helper('granted', granted('owner@msp', before));
    await helper('afterwards', granted('test', sql<Date>`now()`));
    const safe = await fromTheSafe();
    await helper('let in from the safe', granted(safe.subject, sql<Date>`now() - interval '2 days'`));
    await helper('invited', (person) =>
      sql`INSERT INTO invitations (tenant_id, id, person_id, source, by_mail, display_name, language, grants, invited_by, valid_days, expires_at, accepted_at)
        VALUES ('msp', ${newId()}, ${person}, 'invitation', false, 'x', 'de', '[]', 'Owner@msp', 7, now(), now() - interval '1 year')`.execute(
        admin,
      ),
    );
    for (const [how, person] of Object.entries(tries)) {
      const headers = await signedInAs(fixture.api, 'msp', person);
      const call = { headers: { ...headers, 'idempotency-key': newId() } };
      const answer = await fixture.api.call('POST', '/v1/tenants/muster/offboarding/confirm', call);
      expect([how, answer.status, answer.body.code]).toEqual([how, 409, 'offboarding.second_owner_needed']);
    }
    expect(await safe.call('/confirm')).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    await sql`UPDATE role_grants SET ended_at = now(), ended_by = 'test' WHERE person_id = ANY (${Object.values(tries)}::uuid[])`.execute(
      admin,
    );
  });

  it('cannot be put past the second owner by whoever holds a program’s database role, nor begun for the MSP', async () => {
    const { admin } = fixture.api.database;
    const alone = sql`UPDATE tenant_offboardings SET confirmed_by = 'OWNER@msp' WHERE id = ${ref.id}`.execute(admin);
    await expect(alone).rejects.toThrow(/offboarding_needs_a_second_owner/);
    const closing = inTenants(fixture.worker, ['muster'], (tx) =>
      sql`SELECT close_access_of_tenant('muster', ${ref.id})`.execute(tx),
    );
    await expect(closing).rejects.toThrow(/No off-boarding of muster was confirmed/);
    const ofMsp =
      sql`INSERT INTO tenant_offboardings (tenant_id, id, reason, last_day, closes_at, open_runs, fetch_days, retention_days, requested_by)
      VALUES ('msp', ${newId()}, 'x', '2031-01-01', now(), 'cancel', 0, 0, 'x')`.execute(admin);
    await expect(ofMsp).rejects.toThrow(/Only a customer/);
  });

  it('is called off until access was closed, and begun anew', async () => {
    expect((await owner(2, 'POST', '/confirm')).body.status).toBe('announced');
    expect((await owner(1, 'POST', '/cancel', { reason: 'They stay.' })).body.status).toBe('cancelled');
    expect((await owner(1, 'GET', '')).status).toBe(404);
    expect(await records.lookAtDeparture(ref)).toEqual({ stage: 'over' });
    ref = { tenant: 'muster', id: (await owner(1, 'POST', '', LEAVES)).body.id };
    expect((await owner(1, 'POST', '', LEAVES)).body.code).toBe('offboarding.state_wrong');
    expect((await owner(2, 'POST', '/confirm')).body.status).toBe('announced');
  });

  it('lets the customer work until its last day is over', async () => {
    expect(await records.lookAtDeparture(ref)).toEqual({
      stage: 'announced',
      dueAt: Date.parse('2031-03-31T22:00:00Z'),
    });
    expect((await fixture.api.call('GET', '/v1/requests', { as: 'muster/requester' })).status).toBe(200);
  });

  it('shuts the customer out: a customer that has left signs in with its old key, and gets nowhere', async () => {
    const { admin } = fixture.api.database;
    const open = await RequestFactory.of('muster').planned().in(admin);
    const running = await RequestFactory.of('muster')
      .about('uwe.lang')
      .inStatus('running')
      .withRun('waiting')
      .in(admin);
    const machine = await fixture.keyFor('key.backup@muster', 'customer_admin', 'muster');
    await records.closeAccess(ref);
    await records.closeAccess(ref);
    for (const role of ['approver', 'requester', 'auditor'] as const)
      expect((await fixture.api.call('GET', '/v1/requests', { as: `muster/${role}` })).status).toBe(401);
    const byMachine = { headers: { authorization: `Bearer ${machine}` } };
    expect((await fixture.api.call('GET', '/v1/tenants/muster/exports', byMachine)).status).toBe(401);
    const { body } = await owner(1, 'GET', '');
    expect(body).toMatchObject({ status: 'closed', closed: { apiKeys: 4 } });
    expect(body.openRequests.map((one: { request: string }) => one.request).sort()).toEqual(
      [open.id, running.id].sort(),
    );
    const { rows } = await sql`SELECT status, problem ->> 'code' AS code FROM requests WHERE id = ${open.id}`.execute(
      admin,
    );
    expect(rows).toEqual([{ status: 'refused', code: 'request.customer_left' }]);
    const halted = await admin
      .selectFrom('runs')
      .select('halted')
      .where('id', '=', running.runId)
      .executeTakeFirstOrThrow();
    expect(halted).toEqual({ halted: 'cancelled' });
    expect(await records.lookAtDeparture(ref)).toMatchObject({ stage: 'closed', openRuns: 1 });
    await sql`UPDATE requests SET status = 'closed' WHERE id = ${running.id}`.execute(admin);
  });

  it('leaves its administrator the way to the handover, and nothing else; no request is taken from anybody', async () => {
    const admin = (method: string, path: string, body?: unknown) =>
      fixture.api.call(method, path, { as: 'muster/customer_admin', body, headers: { 'idempotency-key': newId() } });
    expect((await admin('GET', '/v1/tenants/muster/exports')).status).toBe(200);
    expect((await admin('GET', '/v1/tenants/muster/offboarding')).body.status).toBe('closed');
    expect((await admin('GET', '/v1/requests')).status).toBe(403);
    expect((await admin('GET', '/v1/audit')).status).toBe(403);
    expect((await admin('PUT', '/v1/secrets/x', { value: 'y' })).status).toBe(403);
    const wish = { type: 'offboarding', user: 'eva.beck', lastWorkingAt: localIn(30) };
    const headers = { 'idempotency-key': newId(), 'stellwerk-tenant': 'muster' };
    const byMsp = await fixture.api.call('POST', '/v1/requests', { as: 'msp/owner', body: wish, headers });
    expect(byMsp).toMatchObject({ status: 409, body: { code: 'tenant.takes_no_requests' } });
    const { n } = await fixture.api.database.admin
      .selectFrom('requests')
      .select((eb) => eb.fn.countAll().as('n'))
      .where('tenant_id', '=', 'muster')
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(2);
  });

  it('holds while a system still lets us in, whatever a person says', async () => {
    await probe('system/directory');
    expect(await entryOf('system/directory')).toMatchObject({ state: 'still_open', probes: 1 });
    const wish = { entry: 'system/directory', reason: 'They told me.' };
    expect(await owner(2, 'POST', '/access-confirmations', wish)).toMatchObject({
      status: 409,
      body: { code: 'offboarding.state_wrong' },
    });
    expect(await records.settleAccess(ref)).toBe(false);
    const { rows } = await sql`SELECT name FROM secrets WHERE tenant_id = 'muster' AND ciphertext IS NOT NULL`.execute(
      fixture.api.database.admin,
    );
    expect(rows).toHaveLength(2);
    await records.remindOfAccess({ ...ref, number: 1 });
  });

  it('takes a refused sign-in for a proof, and silence for none: a person answers for it by name', async () => {
    await directory.root.del(account);
    await Promise.all([probe('system/directory'), probe('system/mail')]);
    expect(await entryOf('system/directory')).toMatchObject({
      state: 'gone',
      account,
      evidence: { servers: [{ answer: 'gone', code: 'connector.credential_refused' }] },
    });
    expect(await entryOf('system/mail')).toMatchObject({
      state: 'unknown',
      evidence: { code: 'connector.system_unreachable' },
    });
    expect(await records.settleAccess(ref)).toBe(false);
    const word = { entry: 'system/mail', reason: 'Their mail server was taken down; Ina Koch on the phone.' };
    const { body } = await owner(2, 'POST', '/access-confirmations', word);
    const shown = body.access.find((one: { entry: string }) => one.entry === 'system/mail');
    expect(shown).toMatchObject({ state: 'confirmed', how: 'confirmed by second@msp, not proven' });
  });

  it('destroys what is stored of credentials only then, and the list is a signed document', async () => {
    const stuck = new DepartureRecordsOnDatabase(fixture.worker, { resolve: () => Promise.resolve(PASSWORD) });
    expect(await stuck.settleAccess(ref)).toBe(false);
    expect((await owner(1, 'GET', '')).body.held).toMatchObject({ code: 'offboarding.credential_in_file' });
    expect(await records.settleAccess(ref)).toBe(true);
    await expect(fixture.secrets.resolve('muster', 'secret://directory-bind')).rejects.toThrow(/not known/);
    const list = await owner(1, 'GET', '/access-list');
    expect(list.body).toMatchObject({ format: 'stellwerk-access-list/1', tenant: 'muster', lastDay: '2031-03-31' });
    expect(list.text).not.toContain(PASSWORD);
    const { text: jws } = await owner(1, 'GET', '/access-list/signature');
    const { body: published } = await fixture.api.call('GET', '/v1/signing-keys');
    const { kty, crv, x } = published.keys[0];
    const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
    const [header, signature] = jws.split('..') as [string, string];
    expect(verify(null, Buffer.from(`${header}.${list.text}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    const page = await owner(1, 'GET', '/access-list/page?lang=de');
    expect(page.text).toContain('bewiesen: das System hat die Anmeldung abgewiesen, die es vorher eingelassen hat');
    expect(page.text).toContain('bestätigt, nicht bewiesen, von second@msp');
  });

  it('ends the fetching of the handover on its day, and is not called off any more', async () => {
    const { body } = await owner(1, 'GET', '');
    expect(await records.lookAtDeparture(ref)).toEqual({ stage: 'proven', dueAt: Date.parse(body.fetchUntil) });
    expect((await owner(1, 'POST', '/cancel', { reason: 'x' })).body.code).toBe('offboarding.state_wrong');
    await records.closeFetching(ref);
    const left = await fixture.api.call('GET', '/v1/tenants/muster/exports', { as: 'muster/customer_admin' });
    expect(left.status).toBe(401);
    expect(await records.lookAtDeparture(ref)).toEqual({ stage: 'fetched', dueAt: Date.parse(body.eraseAfter) });
    await records.recordDue(ref);
    expect((await owner(1, 'GET', '')).body.status).toBe('due');
  });
});
