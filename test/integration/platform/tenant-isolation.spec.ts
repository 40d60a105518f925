import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase, TenantsNotIsolated, tenantsMixed, type Database } from '#libs/platform/database';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const pool of opened) await pool.destroy();
  await database.drop();
});

function openAs(url: string): Database {
  const pool = openDatabase({ url, poolSize: 1 }, 'test', { requireIsolation: true });
  opened.push(pool);
  return pool;
}

function ask(url: string): Promise<unknown> {
  return sql`SELECT 1`.execute(openAs(url));
}

/** Does something to the database as its superuser, asks, and takes it back. */
async function after(harm: string, mend: string): Promise<unknown> {
  await sql.raw(harm).execute(database.admin);
  try {
    return await ask(database.urlFor('api')).catch((error: unknown) => error);
  } finally {
    await sql.raw(mend).execute(database.admin);
  }
}

describe('a program refuses to run', () => {
  it.each<AppRole>(['api', 'bridge', 'worker', 'keeper', 'founder'])(
    'unless its database keeps tenants apart: the %s’s does',
    async (role) => {
      await expect(ask(database.urlFor(role))).resolves.toBeDefined();
    },
  );

  it('as a superuser', async () => {
    await expect(ask(database.adminUrl)).rejects.toThrow(/is a superuser/);
  });

  // roles are shared by all databases of the server: these are of this test alone
  it.each([
    ['owns the tables', 'NOBYPASSRLS', 'GRANT stellwerk_owner TO', 'may act as stellwerk_owner'],
    ['may make roles', 'CREATEROLE', 'GRANT stellwerk_api TO', 'may make roles or replicate'],
    ['may bypass row-level security', 'BYPASSRLS', 'GRANT stellwerk_api TO', 'may bypass row-level security'],
  ])('by a role that %s', async (_case, right, grant, told) => {
    const role = `test_${randomBytes(6).toString('hex')}`;
    await sql.raw(`CREATE ROLE ${role} LOGIN ${right} PASSWORD '${role}'; ${grant} ${role}`).execute(database.admin);
    const url = Object.assign(new URL(database.adminUrl), { username: role, password: role });
    const error = await ask(url.href).catch((cause: unknown) => cause);
    for (const pool of opened.splice(0)) await pool.destroy();
    await sql.raw(`DROP ROLE ${role}`).execute(database.admin);
    expect(error).toBeInstanceOf(TenantsNotIsolated);
    expect(String(error)).toContain(told);
  });

  it.each([
    [
      'is not forced',
      'ALTER TABLE runs NO FORCE ROW LEVEL SECURITY',
      'ALTER TABLE runs FORCE ROW LEVEL SECURITY',
      'the table runs does not force',
    ],
    [
      'is switched off',
      'ALTER TABLE requests DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE requests ENABLE ROW LEVEL SECURITY',
      'the table requests has no row-level security',
    ],
    [
      'is missing on a new table',
      'CREATE TABLE loose (tenant_id text); GRANT SELECT ON loose TO stellwerk_api',
      'DROP TABLE loose',
      'the table loose has no row-level security',
    ],
    [
      'can be gone round by a partition',
      'GRANT SELECT ON outbox_' + 'today TO stellwerk_api',
      'REVOKE SELECT ON outbox_' + 'today FROM stellwerk_api',
      'the table outbox_',
    ],
    [
      'is widened by a policy more',
      'CREATE POLICY wide ON requests FOR SELECT USING (true)',
      'DROP POLICY wide ON requests',
      'the policy wide of the table requests reaches across tenants',
    ],
    [
      'is widened for this program alone',
      'CREATE POLICY wide ON requests TO stellwerk_api USING (tenant_id IS NOT NULL)',
      'DROP POLICY wide ON requests',
      'the policy wide of the table requests',
    ],
    [
      'is widened in a known policy',
      'ALTER POLICY tenant_reads ON runs USING (tenant_id = ANY (visible_tenants()) OR status = $$waiting$$)',
      'ALTER POLICY tenant_reads ON runs USING (tenant_id = ANY (visible_tenants()))',
      'the policy tenant_reads of the table runs',
    ],
    [
      'can be gone round by a view of its owner',
      'CREATE VIEW all_requests AS SELECT * FROM requests; GRANT SELECT ON all_requests TO stellwerk_api',
      'DROP VIEW all_requests',
      'the view all_requests shows what its owner may see',
    ],
    [
      'can be gone round by a copy',
      'CREATE MATERIALIZED VIEW copied AS SELECT * FROM requests; GRANT SELECT (body) ON copied TO stellwerk_api',
      'DROP MATERIALIZED VIEW copied',
      'the view copied',
    ],
    [
      'is missing in another schema',
      'CREATE SCHEMA beside; CREATE TABLE beside.loose (tenant_id text); GRANT USAGE ON SCHEMA beside TO stellwerk_api; GRANT SELECT ON beside.loose TO stellwerk_api',
      'DROP SCHEMA beside CASCADE',
      'the table loose has no row-level security',
    ],
    [
      'asks a function that gives other tenants',
      'CREATE OR REPLACE FUNCTION visible_tenants() RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT array_agg(id) FROM tenants $$',
      `CREATE OR REPLACE FUNCTION visible_tenants() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT string_to_array(current_setting('stellwerk.tenants', true), ',') $$`,
      'the function visible_tenants is not the one',
    ],
    [
      'can be gone round by a function that looks in any schema',
      'CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM requests $$',
      'DROP FUNCTION peek()',
      'the function peek acts for its owner',
    ],
  ])('where row-level security %s', async (_case, harm, mend, told) => {
    const partition = await newestPartition();
    const named = (text: string): string => text.replace('outbox_today', partition);
    expect(String(await after(named(harm), named(mend)))).toContain(told);
  });

  it('and tells its owner, who ends it', async () => {
    const end = new AbortController();
    await expect(tenantsMixed(openAs(database.adminUrl), end.signal)).rejects.toThrow(TenantsNotIsolated);
  });
});

async function newestPartition(): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    SELECT max(inhrelid::regclass::text) AS name FROM pg_inherits WHERE inhparent = 'outbox'::regclass`.execute(
    database.admin,
  );
  return rows[0]!.name;
}
