import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { permissions, type Permission, type Role } from '#libs/platform/access';
import { startApiFixture, type ApiAnswer, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { examplesOf, type DetailedExample } from './scan/example.js';
import { routeExamples } from './scan/examples/index.js';
import { scannedRoutes, type ScannedRoute } from './scan/routes.js';
import { send, TENANT_HEADER } from './scan/send.js';
import { digestsBy } from './scan/tenant-tables.js';
import { Things } from './scan/things.js';

/** Reading that is an act all the same. */
const READING_ACTS = ['exportAudit', 'getCertificateSignature'];
/** Routes that change nothing when these examples call them, with the reason. */
const NOT_AUDITED: Readonly<Record<string, string>> = {
  signOut: 'by a key there is no session to end; that of a session is on record by the library that ends sessions',
  endOwnSessions: 'as signOut',
  endOwnSession: 'as signOut',
  beginPasskey: 'only begins; by a key it is refused',
  addPasskey: 'by a key it is refused; with a session on record: test/integration/identity/passkeys.spec.ts',
  renamePasskey: 'as addPasskey',
  removeOwnPasskey: 'as addPasskey',
  revokeCalendarFeed: 'only one’s own, which is of the caller’s tenant: test/integration/api/oncall.spec.ts',
  previewSlaCalendar: 'shows what saving would do, and saves nothing',
  previewSlaPolicy: 'as previewSlaCalendar',
  previewSlaTier: 'as previewSlaCalendar',
  trySlaTargets: 'as previewSlaCalendar',
  previewTicketMail: 'draws a mail that nobody gets; test/integration/ticket-mail/desk.spec.ts',
  previewMailOfTicket: 'as previewTicketMail',
  previewSla: 'computes; the spec of previews sees that it changes nothing',
};

const routes = (await scannedRoutes()).filter(
  ({ method, operationId, permission }) =>
    permission !== 'public' &&
    (method.toUpperCase() !== 'GET' || READING_ACTS.includes(operationId)) &&
    NOT_AUDITED[operationId] === undefined,
);

let fixture: ApiFixture;
let things: Things;
/** A digest of every tenant's rows of every table, but for what only says when something was last used. */
let digests: () => Promise<ReadonlyMap<string, string>>;
beforeAll(async () => {
  fixture = await startApiFixture();
  things = new Things(fixture.database.admin, 'muster');
  digests = await digestsBy(fixture.database.admin, { without: 'last_used_at' });
});
afterAll(() => fixture?.stop());

const CALLERS = [
  ...(['owner', 'operator'] as const).map((role) => ({ kind: 'msp', home: 'msp', role }) as const),
  ...(['customer_admin', 'approver', 'requester', 'auditor'] as const).map(
    (role) => ({ kind: 'customer', home: 'muster', role }) as const,
  ),
];

/** Somebody who may do this, by the table and by the rules of its own. */
function callerFor(route: ScannedRoute, { needs, refused }: DetailedExample): (typeof CALLERS)[number] {
  const grants = (permission: Permission | undefined, who: string): boolean =>
    permission === undefined || (permissions[permission] as readonly string[]).includes(who);
  const found = CALLERS.find(({ kind, role }) => {
    const who = `${kind}:${role}` as const;
    const isRefused = refused?.[who as `${'msp' | 'customer'}:${Role}`] !== undefined;
    return grants(route.permission as Permission, who) && grants(needs, who) && !isRefused;
  });
  if (!found) throw new Error(`Nobody may do ${route.operationId}.`);
  return found;
}

async function actionsOf(actor: string): Promise<string[]> {
  const rows = await fixture.database.admin
    .selectFrom('audit_entries')
    .select('action')
    .where('actor', '=', actor)
    .where('outcome', '=', 'done')
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

const examples = routes.flatMap((route) =>
  examplesOf(route.operationId, routeExamples).map(
    (example) => [`${route.method} ${route.path}${example.what ? ` (${example.what})` : ''}`, route, example] as const,
  ),
);

/** Makes what the example is about, runs `before`, and calls. */
async function perform(route: ScannedRoute, example: DetailedExample, before: () => Promise<void>): Promise<ApiAnswer> {
  const { kind, home, role } = callerFor(route, example);
  const who: Who = `${home}/${role}`;
  const headers: Record<string, string> =
    kind === 'msp' && route.takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: 'muster' } : {};
  const call = await example.make(things);
  await before();
  return send(fixture.api.url, route, call, { name: who, kind, key: fixture.keyOf(who) }, { headers });
}

/** Tables of tenants, as `muster/requests`, whose rows are others than before. */
/** Counted before anything is asked, to hold floods back; given back and forgotten whenever their time is over. */
const COUNTED = /\/(limit_|sign_in_|tenant_slots)/;

async function changesSince(before: ReadonlyMap<string, string>): Promise<string[]> {
  const after = await digests();
  const tables = [...new Set([...before.keys(), ...after.keys()])];
  return tables.filter((table) => !COUNTED.test(table) && after.get(table) !== before.get(table));
}

describe('every route that writes leaves its act on record', () => {
  it.each(examples)('%s', async (_name, route, example) => {
    const { home, role } = callerFor(route, example);
    let before: string[] = [];
    const answer = await perform(route, example, async () => void (before = await actionsOf(`${role}@${home}`)));
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
    const added = (await actionsOf(`${role}@${home}`)).slice(before.length);
    expect([route.operationId, added.length > 0]).toEqual([route.operationId, true]);
  });

  it('and this test finds them', () => {
    expect(examples.length).toBeGreaterThan(20);
  });
});

describe('where the audit cannot be appended to, nothing is done', () => {
  beforeAll(async () => {
    await sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no audit today'; END $$`.execute(
      fixture.database.admin,
    );
    await sql`CREATE TRIGGER refuse BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse()`.execute(
      fixture.database.admin,
    );
  });

  it.each(examples)('%s', async (_name, route, example) => {
    let before: ReadonlyMap<string, string> = new Map();
    const answer = await perform(route, example, async () => void (before = await digests()));
    expect([answer.status, answer.body?.code]).toEqual([500, 'internal']);
    expect(await changesSince(before)).toEqual([]);
  });

  it('and this test would notice what was done', async () => {
    const before = await digests();
    const { id } = await things.person();
    expect((await changesSince(before)).sort()).toEqual([
      'muster/people',
      'muster/person_addresses',
      'muster/role_grants',
    ]);
    await fixture.database.admin.deleteFrom('role_grants').where('person_id', '=', id).execute();
    await fixture.database.admin.deleteFrom('people').where('id', '=', id).execute();
    expect(await changesSince(before)).toEqual([]);
  });
});
