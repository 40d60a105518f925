import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Client } from 'ldapts';
import { blocks } from '#libs/connectors';
import { newId, type JsonObject } from '#libs/kernel';
import { inTenants, openDatabase } from '#libs/platform/database';
import { OneTimeLinks, openKeyRing, SealedValues } from '#libs/platform/secrets';
import { StepSystems } from '#libs/process';
import { AccessProbeActivities } from '../../../apps/worker/activities/access-probe.activities.js';
import { DepartureRecordsOnDatabase } from '../../../apps/worker/activities/departure.activities.js';
import { startSandbox, type Sandbox } from '../../../tools/sandbox/index.js';
import { startLeavingFixture, type LeavingFixture } from '../../support/api/leaving.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { Resources, slapdRoot } from '../sandbox/sandbox-fixture.js';

const resources = new Resources();
const pulse = { signal: new AbortController().signal, attempt: 1, heartbeat: () => undefined };
let fixture: LeavingFixture;
let sandbox: Sandbox;
let root: Client;
let steps: StepSystems;
let probes: AccessProbeActivities;
let records: DepartureRecordsOnDatabase;
let ref: { tenant: string; id: string };
const admin = () => fixture.api.database.admin;
const directoryOf = () => sandbox.description.tenants.muster;

beforeAll(async () => {
  const started = startSandbox({ dir: resources.folder(), port: 0, slapdRoot: slapdRoot() });
  [fixture, sandbox] = await Promise.all([startLeavingFixture(), started]);
  resources.add(sandbox, (running) => running.stop());
  root = await resources.root(directoryOf());
  const sealed = new SealedValues(fixture.worker, openKeyRing(testMasterKeys()));
  const links = new OneTimeLinks(fixture.worker, 'http://localhost');
  steps = new StepSystems(fixture.worker, blocks, fixture.secrets, sealed, links);
  probes = new AccessProbeActivities(fixture.worker, fixture.secrets);
  records = new DepartureRecordsOnDatabase(fixture.worker, null);
  const { ldaps: url, bindDn, baseDn, peopleOu, leaversOu, groupsOu, caFile } = directoryOf();
  const { host, port, user, caFile: mailCa } = sandbox.description.mail;
  const caPem = readFileSync(caFile, 'utf8');
  const ous = { baseDn, peopleOu, leaversOu, groupsOu };
  await system('directory', 'ldap', { url, caPem, bindDn, ...ous, dialect: 'openldap' });
  const from = 'stellwerk@msp.example';
  await system('mail', 'smtp', { host, port, from, startTls: true, caPem: readFileSync(mailCa, 'utf8'), user });
  // a system that was set up wrongly, and never worked
  await system('old', 'ldap', { url, caPem, bindDn, ...ous, dialect: 'openldap' });
  await fixture.keep('directory-key', directoryOf().bindPassword);
  await fixture.keep('mail-key', sandbox.description.mail.password);
  await fixture.keep('old-key', 'never-worked');
  ref = { tenant: 'muster', id: newId() };
});
afterAll(async () => {
  await resources.cleanUp();
  await fixture?.stop();
});

const system = (name: string, kind: string, config: JsonObject) =>
  sql`INSERT INTO systems (tenant_id, name, kind, config, secret_ref)
    VALUES ('muster', ${name}, ${kind}, ${JSON.stringify(config)}, ${`secret://${name}-key`})`.execute(admin());

/** A step of a run, by its connector. */
async function step(block: string, on: string, input: JsonObject): Promise<void> {
  const place = { tenant: 'muster', runId: newId(), stepId: 'step', system: on, expectedIdentity: null };
  const context = await steps.context(place, pulse);
  const effect = await steps.block(block).plan(context, input);
  if (block === 'mail.send') await steps.block(block).apply(context, input, effect);
}
const owner = (method: string, path: string, body?: unknown) => fixture.asOwner(1, method, `offboarding${path}`, body);

/** Tries a system, and gives its entry of the list. */
async function probe(name: string): Promise<Record<string, unknown>> {
  const entry = `system/${name}`;
  await probes.probeAccess({ ...ref, entry }, pulse);
  return (await owner('GET', '')).body.access.find((one: { entry: string }) => one.entry === entry);
}
const unproven = (because: string) => ({ state: 'unproven', evidence: { because } });

describe('the proof that our access is gone', () => {
  it('is prepared by every sign-in of a connector that works: over LDAP and SMTP, with the version of the secret', async () => {
    await step('ldap.user.disable', 'directory', { user: 'petra.vogelsang' });
    const mail = { to: ['it@muster.example'], subject: 'Hello', text: 'Hello.' };
    await step('mail.send', 'mail', mail);
    await expect(step('ldap.user.disable', 'old', { user: 'petra.vogelsang' })).rejects.toThrow(/credential|password/i);
    const { rows } = await sql`SELECT i.system, s.name, s.version FROM system_sign_ins i
      JOIN secrets s ON s.tenant_id = i.tenant_id AND s.id = i.secret_id ORDER BY 1`.execute(admin());
    expect(rows).toEqual([
      { system: 'directory', name: 'directory-key', version: 1 },
      { system: 'mail', name: 'mail-key', version: 1 },
    ]);
  });

  it('cannot be prepared by whoever stores secrets', async () => {
    const api = openDatabase({ url: fixture.api.database.urlFor('api'), poolSize: 1 }, 'test');
    const claim = inTenants(api, ['muster'], (tx) =>
      sql`UPDATE system_sign_ins SET secret_id = ${newId()} WHERE system = 'old'`.execute(tx),
    );
    await expect(claim).rejects.toThrow(/permission denied/);
    await api.destroy();
  });

  it('is not given by a wrong secret that was stored before the last day: it never let us in, or not since', async () => {
    await fixture.keep('directory-key', 'wrong-since-yesterday');
    await fixture.keep('mail-key', 'wrong-since-yesterday');
    await sql`INSERT INTO tenant_offboardings (tenant_id, id, status, reason, last_day, closes_at, open_runs, fetch_days, retention_days,
        requested_by, confirmed_by, confirmed_at)
      VALUES ('muster', ${ref.id}, 'announced', 'x', '2026-01-31', now(), 'finish', 30, 0, 'owner@msp', 'second@msp', now())`.execute(
      admin(),
    );
    await records.closeAccess(ref);
    expect(await probe('old')).toMatchObject(unproven('access.never_let_in'));
    expect(await probe('directory')).toMatchObject({
      ...unproven('access.changed_since'),
      how: 'unproven: refused, but these credentials were changed after they last let us in',
    });
    expect(await probe('mail')).toMatchObject(unproven('access.changed_since'));
    expect(await records.settleAccess(ref)).toBe(false);
    expect((await owner('GET', '/access-list/page?lang=de')).text).toContain('haben uns nie eingelassen');
  });

  it('is settled by a person’s word, which does not outlive a try that lets us in', async () => {
    for (const entry of ['system/old', 'system/mail']) {
      const { status } = await owner('POST', '/access-confirmations', { entry, reason: 'Ina Koch closed it.' });
      expect(status).toBe(200);
    }
    expect(await probe('old')).toMatchObject({ state: 'confirmed', confirmedBy: 'owner@msp' });
    await fixture.keep('mail-key', sandbox.description.mail.password);
    expect(await probe('mail')).toMatchObject({ state: 'still_open', confirmedBy: null, confirmReason: null });
  });

  it('is not given by another account, refused in the place of the one that let us in', async () => {
    await fixture.keep('directory-key', directoryOf().bindPassword);
    expect(await probe('directory')).toMatchObject({ state: 'still_open' });
    const account = (dn: string) =>
      sql`UPDATE systems SET config = config || jsonb_build_object('bindDn', ${dn}::text) WHERE name = 'directory'`.execute(
        admin(),
      );
    await account(`uid=nobody,${directoryOf().peopleOu}`);
    expect(await probe('directory')).toMatchObject(unproven('access.changed_since'));
    await account(directoryOf().bindDn);
  });

  it('is given by a refusal of the very credential that let us in before', async () => {
    await root.del(directoryOf().bindDn);
    const proven = await probe('directory');
    expect(proven).toMatchObject({ state: 'gone', evidence: { letUsInAt: expect.stringMatching(/^20\d\d-/) } });
    await fixture.keep('directory-key', 'stored-afterwards');
    // what was proven stays so: only a sign-in that works says otherwise
    expect(await probe('directory')).toMatchObject({ state: 'gone', evidence: proven['evidence'] });
  });

  it('has everything tried again before the list is settled, what was proven or confirmed as well', async () => {
    expect(await records.lookAtDeparture(ref)).toMatchObject({
      ...{ stage: 'closed', openRuns: 0 },
      toProbe: ['system/directory', 'system/mail', 'system/old'],
    });
    await sql`UPDATE tenant_access_list SET state = 'gone' WHERE entry = 'system/mail'`.execute(admin());
    await sql`UPDATE tenant_access_list SET probed_at = now() - interval '2 hours' WHERE entry = 'system/directory'`.execute(
      admin(),
    );
    expect(await records.settleAccess(ref)).toBe(false);
    await probe('directory');
    expect(await records.settleAccess(ref)).toBe(true);
  });
});
