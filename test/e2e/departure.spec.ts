import { spawnSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as Temporal, Connection } from '@temporalio/client';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { sql } from 'kysely';
import { Client as Ldap } from 'ldapts';
import type { Browser } from 'playwright-core';
import { systemClock } from '#libs/kernel';
import { verifyAudit } from '#libs/platform/audit';
import { openDatabase, type Database } from '#libs/platform/database';
import { keptByLaw } from '#libs/tenancy';
import { readDevelopment, type Development } from '../../tools/demo/development.js';
import { SignedIn } from '../../tools/demo/sign-in.js';
import { StellwerkClient, UnexpectedAnswer } from '../../tools/demo/stellwerk-client.js';
import type { SandboxDescription } from '../../tools/sandbox/index.js';
import { scannedRoutes } from '../integration/api/scan/routes.js';
import { rowsOf } from '../integration/api/scan/tenant-tables.js';
import { launchChromium } from '../support/chromium.js';
import { eventually } from '../support/eventually.js';
import { decryptFor, readTar } from '../support/handed-over.js';
import { PasskeyDevice } from '../support/identity/passkey-device.js';
import { Mailbox } from '../support/mailbox.js';
import { runningSandbox } from '../support/running-sandbox.js';
import { testStack } from '../support/test-stack.js';

/**
 * A customer from its contract to its erasure, through every program as they are shipped. The engine's timers are real; what is
 * agreed in days is agreed as none, and the last day's end is put close by.
 */
const own = randomUUID().slice(0, 8);
const CUSTOMER = `kuchen-${own}`;
const NAME = 'Ina Zwetschgenkuchen';
const MAIL = `ina.${own}@kuchen.example`;
const PASSWORD = randomBytes(18).toString('base64url');

let development: Development;
let sandbox: SandboxDescription;
let admin: Database;
let browser: Browser;
let ina: PasskeyDevice;
let first: StellwerkClient;
let second: StellwerkClient;
let mailed: string;
let requestId: string;
beforeAll(async () => {
  development = readDevelopment(testStack().devJson);
  sandbox = await runningSandbox();
  admin = openDatabase({ url: development.database, poolSize: 2 }, 'test');
  const anna = await SignedIn.as(development.api, 'anna.weber');
  first = asMsp('owner');
  second = new StellwerkClient(development.api, anna, CUSTOMER);
  browser = await launchChromium();
  ina = await PasskeyDevice.in(browser);
});
afterAll(async () => {
  await closeOurAccount().catch(() => undefined);
  await browser?.close();
  await admin?.destroy();
});

const asMsp = (role: string): StellwerkClient =>
  new StellwerkClient(development.api, development.keys['msp']![role]!, CUSTOMER);
const once = (): Record<string, string> => ({ 'idempotency-key': randomUUID() });
const at = (path = ''): string => `/v1/tenants/${CUSTOMER}${path}`;
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { body: { code: string } }).body.code,
  );

interface Leaving {
  readonly status: string;
  readonly held: { readonly code: string } | null;
  readonly access: readonly { readonly entry: string; readonly state: string; readonly destroyedAt: string | null }[];
}
const leaving = (): Promise<Leaving> => first.call('GET', at('/offboarding'));
const until = (what: string, holds: (state: Leaving) => boolean): Promise<Leaving> =>
  eventually(what, async () => {
    const state = await leaving();
    return holds(state) ? state : Promise.reject(new Error(JSON.stringify(state)));
  });
/** Our account in the customer's directory, which the customer opens and closes. */
const account = (): string => `cn=${CUSTOMER},ou=services,${sandbox.tenants.muster.baseDn}`;
async function inDirectory(work: (client: Ldap) => Promise<void>): Promise<void> {
  const { url, rootDn, rootPassword } = sandbox.tenants.muster;
  const client = new Ldap({ url });
  await client.bind(rootDn, rootPassword);
  await work(client).finally(() => client.unbind());
}
const closeOurAccount = (): Promise<void> => inDirectory((client) => client.del(account()));

/** A request about somebody whom the directory does not know. */
function aboutNobody(): object {
  const lastWorkingAt = new Date(systemClock.now().getTime() + 86_400_000).toISOString();
  return { type: 'offboarding', user: 'nobody.known', lastWorkingAt };
}

/** The customer as the contract makes it: live, with a directory that we may reach by an account of our own. */
async function beginContract(): Promise<void> {
  await first.call('POST', '/v1/tenants', { id: CUSTOMER, name: 'Kuchen AG', timeZone: 'Europe/Berlin' }, once());
  const agreement = {
    ...{ signedOn: '2026-01-02', signedBy: 'Karl Kuchen', signedForUsBy: 'Anna Weber', documentReference: 'AVV-1' },
    ...{ documentSha256: createHash('sha256').update(own).digest('hex'), subProcessors: [], measuresReference: 'TOM' },
    dataLocations: [{ place: 'Frankfurt am Main', country: 'DE', purpose: 'Database' }],
    ...{ subjectCategories: ['employees'], dataCategories: ['names'] },
  };
  await first.call('POST', at('/agreements'), agreement, once());
  const allowances = [{ to: '127.0.0.0/8', protocols: ['ldap'], reason: 'The sandbox.' }];
  await first.call('PUT', '/v1/outgoing-policies', { publicAddresses: 'listed', allowances });
  await first.call('PUT', '/v1/secrets/directory-bind', { value: PASSWORD });
  const objectClass = ['organizationalRole', 'simpleSecurityObject'];
  await inDirectory((client) => client.add(account(), { objectClass, cn: CUSTOMER, userPassword: PASSWORD }));
  const { ldaps: url, caFile, baseDn, peopleOu, leaversOu, groupsOu, dialect } = sandbox.tenants.muster;
  const config = { url, caFile, bindDn: account(), baseDn, peopleOu, leaversOu, groupsOu, dialect };
  // systems have no way in over the API
  await sql`INSERT INTO systems (tenant_id, name, kind, config, secret_ref)
    VALUES (${CUSTOMER}, 'directory', 'ldap', ${JSON.stringify(config)}, 'secret://directory-bind')`.execute(admin);
}

describe('a customer that leaves', () => {
  let key: string;
  let identity: string;

  it('was one: its administrator has a passkey, its directory has let us in', async () => {
    await beginContract();
    const grants = [{ role: 'customer_admin', covers: 'home' }];
    const invitation = { mail: MAIL, name: NAME, language: 'de', grants, reason: 'Leitet die IT.' };
    await first.call('POST', '/v1/invitations', invitation, once());
    mailed = await new Mailbox(development.mail.received).link(MAIL);
    await ina.register(mailed);
    const made = await ina.call('POST', '/v1/api-keys', { name: 'portal', role: 'requester' }, once());
    key = made.body['key'] as string;
    const requester = new StellwerkClient(development.api, key);
    ({ id: requestId } = await requester.submit(aboutNobody()));
    expect((await requester.untilStatus(requestId, ['refused'])).problem).toMatchObject({
      code: 'directory.user_not_found',
    });
  });

  it('is announced by one owner and confirmed by another, and shut out when its last day is over', async () => {
    const { rows } = await sql<{ day: string }>`
      SELECT ((now() AT TIME ZONE 'Europe/Berlin')::date + 1)::text AS day`.execute(admin);
    const wish = {
      lastDay: rows[0]!.day,
      reason: 'The contract ends.',
      openRuns: 'finish',
      fetchDays: 1,
      retentionDays: 0,
    };
    await first.call('POST', at('/offboarding'), wish, once());
    expect(await refusal(first.call('POST', at('/offboarding/confirm')))).toBe('offboarding.second_owner_needed');
    await sql`UPDATE tenant_offboardings SET closes_at = now() + interval '2 seconds' WHERE tenant_id = ${CUSTOMER}`.execute(
      admin,
    );
    await second.call('POST', at('/offboarding/confirm'));
    // our account is open still, which holds everything, whatever anybody says
    const closed = await until('our access was tried', ({ held }) => held !== null);
    expect(closed).toMatchObject({
      ...{ status: 'closed', held: { code: 'offboarding.access_not_proven' } },
      access: [{ entry: 'system/directory', state: 'still_open' }],
    });
    expect((await ina.call('GET', '/v1/me')).status).toBe(401);
    expect(await refusal(new StellwerkClient(development.api, key).request(requestId))).toBe('auth.key_invalid');
    expect(await refusal(asMsp('operator').submit(aboutNobody()))).toBe('tenant.takes_no_requests');
  });

  it('has its administrator sign in once more and fetch the handover, which opens with the receiver’s key alone', async () => {
    await ina.signIn(development.api);
    identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const wish = { recipient, reason: 'The contract ends.' };
    const { id } = await first.call<{ id: string }>('POST', at('/exports'), wish, once());
    const { hash } = await eventually('the export is ready', async () => {
      const shown = await first.call<{ status: string; hash: string }>('GET', at(`/exports/${id}`));
      return shown.status === 'ready' ? shown : null;
    });
    await first.call('POST', at(`/exports/${id}/release`), { hash });
    expect((await ina.call('POST', at(`/exports/${id}/release`), { hash })).status).toBe(200);
    const response = await fetch(`${new URL(ina.page.url()).origin}${at(`/exports/${id}/archive`)}`, {
      headers: { cookie: await ina.cookie() },
    });
    expect(response.status).toBe(200);
    const files = readTar(Buffer.from(await response.arrayBuffer()));
    expect(createHash('sha256').update(files.get('manifest.json')!).digest('hex')).toBe(hash);
    const credentials = await decryptFor(identity, files.get('credentials.json.age')!);
    expect(JSON.parse(credentials)).toEqual({ 'directory-bind': PASSWORD });
    expect(await decryptFor(identity, files.get('data/requests.ndjson.age')!)).toContain(requestId);
    const stranger = decryptFor(await generateIdentity(), files.get('credentials.json.age')!);
    await expect(stranger).rejects.toThrow();
    expect((await ina.call('GET', '/v1/requests')).status).toBe(403);
  });

  it('has proven to it that our access is gone, by the sign-in that was let in before, and our credentials destroyed', async () => {
    await closeOurAccount();
    // the days for fetching are over
    await sql`UPDATE tenant_offboardings SET fetch_until = now() WHERE tenant_id = ${CUSTOMER}`.execute(admin);
    await first.call('POST', at('/offboarding/probes'));
    const due = await until('it may be erased', ({ status }) => status === 'due');
    expect(due.access).toMatchObject([
      {
        entry: 'system/directory',
        state: 'gone',
        destroyedAt: expect.any(String),
        evidence: { letUsInAt: expect.any(String) },
      },
    ]);
    const kept = sql`SELECT FROM secrets WHERE tenant_id = ${CUSTOMER} AND ciphertext IS NOT NULL`.execute(admin);
    expect((await kept).rows).toEqual([]);
    const told = async (path: string): Promise<Buffer> => {
      const headers = { authorization: `Bearer ${development.keys['msp']!['owner']!}` };
      return Buffer.from(await (await fetch(development.api + path, { headers })).arrayBuffer());
    };
    const [list, signature, keys] = await Promise.all([
      told(at('/offboarding/access-list')),
      told(at('/offboarding/access-list/signature')),
      told('/v1/signing-keys'),
    ]);
    expect(verifies(list, signature, keys)).toBe(0);
    expect(JSON.parse(list.toString())).toMatchObject({ tenant: CUSTOMER, entries: [{ state: 'gone' }] });
    expect((await ina.call('GET', '/v1/me')).status).toBe(401);
  });

  it('is erased by the word of two, and nothing of it answers any more', async () => {
    await first.call('POST', at('/offboarding/erasure'), { reason: 'The retention is over.' });
    expect(await refusal(first.call('POST', at('/offboarding/erasure/confirm')))).toBe(
      'offboarding.second_owner_needed',
    );
    await second.call('POST', at('/offboarding/erasure/confirm'));
    const erased = await eventually('it is erased', async () => {
      const { items } = await first.call<{ items: readonly Erasure[] }>('GET', '/v1/erasures');
      return items.find(({ customer, endedAt }) => customer === CUSTOMER && endedAt !== null);
    });
    expect(erased).toMatchObject({ requestedBy: 'owner@msp', erased: { requests: 1, people: 1, systems: 1 } });
    const tables = erased.kept.map(({ table }) => table);
    expect(tables).toEqual(expect.arrayContaining(['audit_entries', 'tenant_offboardings']));
    for (const owner of [first, second]) expect(await answersOf(owner)).toEqual([]);
    expect(await refusal(new StellwerkClient(development.api, key).request(requestId))).toBe('auth.key_invalid');
    expect(await refusal(first.request(requestId))).toBe('request.not_found');
    expect((await fetch(mailed)).status).toBeGreaterThanOrEqual(404);
    const options = await ina.call('POST', '/v1/sign-in/passkey/options', {});
    const credential = await ina.sign(options.body);
    const back = await ina.call('POST', '/v1/sign-in/passkey', { credential });
    expect(back).toMatchObject({ status: 403, body: { code: 'sign_in.failed' } });
  });

  it('is left as what the law keeps, without a name, in a chain that holds; the engine knows nothing of it', async () => {
    const kept = new Set(['tenants', ...keptByLaw().map(({ table }) => table)]);
    const rows = [...(await rowsOf(admin, CUSTOMER))].filter(([, found]) => found.length > 0);
    expect(rows.map(([table]) => table).filter((table) => !kept.has(table))).toEqual([]);
    const all = rows.flatMap(([, found]) => found).join('\n');
    for (const word of [NAME, MAIL, PASSWORD, `ina.${own}`]) expect(all).not.toContain(word);
    expect(all).toContain('tenant_offboarding.access_proven');
    await eventually('its audit is chained to the end', async () => {
      for await (const { findings } of verifyAudit(admin, { tenant: CUSTOMER, check: () => 'valid' }))
        expect(findings).toEqual([]);
      return true;
    });
    const { temporalAddress, temporalNamespace: namespace } = testStack();
    const connection = await Connection.connect({ address: temporalAddress });
    const histories = new Temporal({ connection, namespace }).workflow.list({
      query: `WorkflowId STARTS_WITH "${CUSTOMER}/"`,
    });
    const left = [];
    for await (const { workflowId } of histories) left.push(workflowId);
    await connection.close();
    expect(left).toEqual([]);
  });
});

/** Exit code of the command by which a customer checks what we signed. */
function verifies(...contents: readonly Buffer[]): number | null {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-list-'));
  const files = contents.map((content, index) => {
    const file = join(dir, String(index));
    writeFileSync(file, content);
    return file;
  });
  const { status } = spawnSync(process.execPath, ['tools/verify-certificate/main.mjs', ...files]);
  rmSync(dir, { recursive: true });
  return status;
}

interface Erasure {
  readonly customer: string;
  readonly endedAt: string | null;
  readonly kept: readonly { readonly table: string }[];
}

/** Every route that can be asked for a customer by name, and tells something of this one. */
async function answersOf(owner: StellwerkClient): Promise<string[]> {
  const routes = (await scannedRoutes()).filter(({ method }) => method === 'GET');
  const asked = routes.flatMap(({ path, takes }) => {
    const isTheirs = path.includes('{tenant}') && path.replace('{tenant}', '').indexOf('{') < 0;
    if (isTheirs) return [path.replace('{tenant}', CUSTOMER)];
    return takes.has('query:tenant') && !path.includes('{') ? [`${path}?tenant=${CUSTOMER}`] : [];
  });
  expect(asked.length).toBeGreaterThan(20);
  const answered = await Promise.all(
    asked.map((path) =>
      owner.call('GET', path).then(
        () => [path],
        (error: unknown) =>
          error instanceof UnexpectedAnswer && error.status === 404 ? [] : [`${path}: ${String(error)}`],
      ),
    ),
  );
  return answered.flat();
}
