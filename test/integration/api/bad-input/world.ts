import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { newId, systemClock } from '#libs/kernel';
import { markOf, usualLimits } from '#libs/platform/limits';
import type { RunningApi } from '../../../../apps/api/create-api.js';
import { callApi, startApiFixture, type ApiAnswer, type ApiFixture } from '../../../support/api/api-fixture.js';
import { localIn } from '../../../support/api/dates.js';
import { endLive, goLive } from '../../../support/api/tenancy.factory.js';
import { eventually } from '../../../support/eventually.js';
import { limitedKey, peopleAndKeys } from './people.world.js';
import { deadLetter, LOCKED, RequestFactory } from '../../../support/api/request.factory.js';

/** What the bad input is thrown at: one request, run and dead letter of each kind, at Muster and at Nordlicht. */
export interface World {
  readonly fixture: ApiFixture;
  /** An API whose database is not there. */
  readonly withoutDatabase: RunningApi;
  /** An API whose master keys are not there. */
  readonly withoutKeys: RunningApi;
  /** An API that does not wait long for a request to arrive. */
  readonly impatient: RunningApi;
  /** An idempotency key that no call has used. */
  readonly key: string;
  readonly usedKey: string;
  readonly wish: { readonly type: 'offboarding'; readonly user: string; readonly lastWorkingAt: string };
  readonly ids: {
    readonly planning: string;
    readonly waiting: string;
    readonly ofApprover: string;
    readonly aboutApprover: string;
    readonly aboutAdmin: string;
    readonly rejected: string;
    readonly foreignRequest: string;
    readonly openRun: string;
    readonly requestOfOpenRun: string;
    readonly endedRun: string;
    readonly emptyRun: string;
    readonly takenBackRun: string;
    readonly reinstatement: string;
    readonly foreignRun: string;
    readonly letter: string;
    readonly replayedLetter: string;
  } & Awaited<ReturnType<typeof peopleAndKeys>>;
  /** A key that gives roles and may do nothing else. */
  readonly limitedKey: string;
  readonly planHash: string;
}

const NO_KEYS = { file: '/nonexistent/master.key', text: null, vault: null };
const NOBODY_LISTENS = 'postgres://stellwerk_api:x@127.0.0.1:1/none';

export async function buildWorld(): Promise<World> {
  const fixture = await startApiFixture();
  const wish = { type: 'offboarding', user: 'eva.beck', lastWorkingAt: localIn(30) } as const;
  const usedKey = randomUUID();
  const used = await fixture.call('POST', '/v1/requests', {
    as: 'muster/requester',
    body: wish,
    headers: { 'idempotency-key': usedKey },
  });
  if (used.status !== 202) throw new Error(`The world could not be built: ${used.text}`);
  const people = await peopleAndKeys(fixture.database.admin);
  const waiting = await RequestFactory.of('muster').planned().in(fixture.database.admin);
  return {
    fixture,
    withoutDatabase: await fixture.startAnother(NOBODY_LISTENS),
    withoutKeys: await fixture.startAnother(fixture.database.urlFor('api'), {}, NO_KEYS),
    impatient: await fixture.startAnother(fixture.database.urlFor('api'), { requestTimeoutMs: 300 }),
    key: randomUUID(),
    usedKey,
    wish,
    ids: {
      waiting: waiting.id,
      // first: nobody gets an account whose off-boarding is open
      ...people,
      ...(await requests(fixture)),
      ...(await runs(fixture)),
      ...(await letters(fixture)),
    },
    limitedKey: await limitedKey(fixture.database.admin),
    planHash: waiting.planHash,
  };
}

async function requests({ database: { admin } }: ApiFixture) {
  const of = async (factory: RequestFactory): Promise<string> => (await factory.in(admin)).id;
  return {
    planning: await of(RequestFactory.of('muster')),
    ofApprover: await of(RequestFactory.of('muster', 'customer_admin@muster').planned()),
    aboutApprover: await of(RequestFactory.of('muster').about('approver').planned()),
    aboutAdmin: await of(RequestFactory.of('muster').about('customer_admin').planned()),
    rejected: await of(RequestFactory.of('muster').planned().inStatus('rejected')),
    foreignRequest: await of(RequestFactory.of('nordlicht').planned()),
  };
}

async function runs({ database: { admin } }: ApiFixture) {
  const of = async (tenant: string, status: string, process = 'offboarding'): Promise<string> =>
    (
      await RequestFactory.of(tenant)
        .inStatus('closed')
        .withRun(status, { process })
        .wrote('disable_sign_in', LOCKED)
        .in(admin)
    ).runId;
  const emptyRun = RequestFactory.of('muster').inStatus('closed').withRun('cancelled');
  const takenBackRun = await of('muster', 'completed');
  const body = JSON.stringify({ type: 'reinstatement', runId: takenBackRun });
  await RequestFactory.of('muster').with({ type: 'reinstatement', body }).in(admin);
  const open = RequestFactory.of('muster').inStatus('running').withRun('waiting').wrote('disable_sign_in', LOCKED);
  const { id: requestOfOpenRun, runId: openRun } = await open.in(admin);
  return {
    openRun,
    requestOfOpenRun,
    endedRun: await of('muster', 'completed'),
    emptyRun: (await emptyRun.in(admin)).runId,
    takenBackRun,
    reinstatement: await of('muster', 'completed', 'reinstatement'),
    foreignRun: await of('nordlicht', 'completed'),
  };
}

async function letters({ database: { admin } }: ApiFixture) {
  return {
    letter: await deadLetter(admin, 'muster'),
    replayedLetter: await deadLetter(admin, 'muster', { replayed_at: systemClock.now(), replayed_by: 'operator@msp' }),
  };
}

/** Everything that a call could have written, counted by table. */
export async function countRows({ fixture }: World): Promise<Record<string, number>> {
  const { rows } = await sql<Record<string, number>>`
    SELECT (SELECT count(*) FROM requests) AS requests,
           (SELECT count(*) FROM requests WHERE status = 'awaiting_approval') AS undecided,
           (SELECT count(*) FROM decisions) AS decisions,
           (SELECT count(*) FROM acts) AS acts,
           (SELECT count(*) FROM confirmations) AS confirmations,
           (SELECT count(*) FROM protected_accounts) AS protected,
           (SELECT count(*) FROM tenant_settings) AS settings,
           (SELECT count(*) FROM secrets) AS secrets,
           (SELECT count(*) FROM api_keys WHERE expires_at IS NULL) AS unlimited_keys,
           (SELECT count(*) FROM api_keys) AS api_keys,
           (SELECT count(*) FROM people WHERE status = 'active') AS people,
           (SELECT count(*) FROM role_grants WHERE ended_at IS NULL) AS grants,
           (SELECT count(*) || '/' || sum(version) FROM tenants) AS tenants,
           (SELECT count(*) FROM sites) AS sites,
           (SELECT count(*) FROM contacts) AS contacts,
           (SELECT count(*) FROM tenant_groups) AS groups,
           (SELECT count(*) FROM processing_agreements WHERE ended_at IS NULL) AS agreements,
           (SELECT count(*) FROM outgoing_allowances) + (SELECT count(*) FROM outgoing_policies) AS outgoing,
           (SELECT count(*) FROM ssh_host_keys) AS host_keys,
           (SELECT count(*) FROM webhook_subscriptions) AS webhooks,
           (SELECT count(*) FROM webhook_deliveries) AS webhook_deliveries,
           (SELECT count(*) FROM sessions) AS sessions,
           (SELECT count(*) FROM identity_providers) AS providers,
           (SELECT count(*) FROM machine_clients) AS machines,
           (SELECT count(*) FROM person_identities) AS identities,
           (SELECT count(*) FROM alarms WHERE acknowledged_at IS NULL) AS alarms,
           (SELECT count(*) FROM approval_votes) AS votes,
           (SELECT count(*) FROM approval_policies) AS policies,
           (SELECT count(*) FROM approval_delegations) AS delegations,
           (SELECT count(*) FROM run_timeline) AS timeline,
           (SELECT count(*) FROM idempotency_keys) AS keys,
           (SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL) AS letters,
           (SELECT count(*) FROM outbox) AS events`.execute(fixture.database.admin);
  return rows[0]!;
}

/** Undoes what a row of the table arranged. */
export type Undo = () => Promise<void>;

/** The first call with the world's key stands still in the middle. */
export async function firstCallUnderWay({ fixture, key, wish }: World): Promise<Undo> {
  const { admin } = fixture.database;
  // of another instance: calls of one tenant that reach the same one wait for each other
  const otherInstance = await fixture.startAnother(fixture.database.urlFor('api'));
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // blocks writers of the table, not readers
  const lock = admin.transaction().execute(async (tx) => {
    await sql`LOCK TABLE requests IN SHARE MODE`.execute(tx);
    await held;
  });
  const first: Promise<ApiAnswer> = callApi(otherInstance.url, 'POST', '/v1/requests', {
    body: wish,
    headers: { 'idempotency-key': key, authorization: `Bearer ${fixture.keyOf('muster/requester')}` },
  });
  const waits = sql`SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() WHERE NOT granted`;
  await eventually('the first call waits', async () => (await waits.execute(admin)).rows.length > 0);
  return async () => {
    release();
    await lock;
    await first;
  };
}

/** The API may no longer read requests: a defect on our side. */
export async function rightsAreMissing({ fixture }: World): Promise<Undo> {
  await sql`REVOKE SELECT ON requests FROM stellwerk_api`.execute(fixture.database.admin);
  return async () => void (await sql`GRANT SELECT ON requests TO stellwerk_api`.execute(fixture.database.admin));
}

/** Another instance has spent what a limit of Nordlicht's callers gives: each of their buckets is empty and fills slowly. */
export function tokensSpent(name: 'read.key' | 'read.person') {
  return async ({ fixture: { database } }: World): Promise<Undo> => {
    const { admin } = database;
    const limit = { tenant_id: 'nordlicht', name, per_second: 0.1, most: 1, set_by: 'owner@msp' };
    await admin.insertInto('tenant_limits').values(limit).execute();
    const keys = await admin
      .selectFrom('api_keys')
      .select(['id', 'subject'])
      .where('tenant_id', '=', 'nordlicht')
      .execute();
    const refs = keys.map(({ id, subject }) => (name === 'read.key' ? id : markOf('subject', subject)));
    const empty = { tenant_id: 'nordlicht', name, tokens: 0, granted: 1, refilled_at: sql<Date>`now()` };
    await admin
      .insertInto('limit_buckets')
      .values(refs.map((ref) => ({ ...empty, ref })))
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'name', 'ref']).doUpdateSet({ tokens: 0, refilled_at: sql<Date>`now()` }),
      )
      .execute();
    return async () => {
      await admin.deleteFrom('limit_buckets').where('name', '=', name).execute();
      await admin.deleteFrom('tenant_limits').where('tenant_id', '=', 'nordlicht').execute();
    };
  };
}

/** Another instance holds all slots of the keys of Nordlicht's administrators. */
export async function slotsTaken({ fixture: { database } }: World): Promise<Undo> {
  const { admin } = database;
  const instance = newId();
  await sql`INSERT INTO limit_slots (tenant_id, name, ref, instance, slots, expires_at)
    SELECT tenant_id, 'under_way.key', id, ${instance}, ${usualLimits(1).slots['under_way.key']}, now() + interval '1 minute'
    FROM api_keys WHERE tenant_id = 'nordlicht' AND role = 'customer_admin'`.execute(admin);
  return async () => void (await admin.deleteFrom('limit_slots').where('instance', '=', instance).execute());
}

/** The customer has no agreement in force, for one call. */
export async function notLive({ fixture }: World): Promise<Undo> {
  const { admin } = fixture.database;
  await endLive(admin, 'muster');
  return () => goLive(admin, 'muster');
}

/** Suspends a customer for one call. */
export function suspended(tenant: string) {
  return async ({ fixture }: World): Promise<Undo> => {
    const set = (status: 'active' | 'suspended'): Promise<unknown> =>
      fixture.database.admin.updateTable('tenants').set({ status }).where('id', '=', tenant).execute();
    await set('suspended');
    return async () => void (await set('active'));
  };
}
