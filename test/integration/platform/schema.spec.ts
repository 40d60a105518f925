import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const FOLDER = 'libs/platform/database/schema';

/** Tables and columns as the files of `schema/` write them down. */
function typedColumns(): Record<string, string[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.tables.ts'));
  const text = files.map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8')).join('\n');
  const tables = [...text.matchAll(/^export interface (\w+Table) \{\n([\s\S]*?)^\}/gm)];
  const columns = new Map(
    tables.map(([, name, body]) => [name, [...body!.matchAll(/^ {2}(\w+): /gm)].map((match) => match[1]!)]),
  );
  const areas = [...text.matchAll(/^export interface \w+Tables \{\n([\s\S]*?)^\}/gm)].map((match) => match[1]!);
  return Object.fromEntries(
    [...areas.join('').matchAll(/^ {2}(\w+): (\w+);/gm)].map(([, table, type]) => [table, columns.get(type)!.sort()]),
  );
}

async function tablesOf(admin: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migrations' ORDER BY 1`.execute(
    admin,
  );
  return rows.map((row) => row.name);
}

describe('the database’s shape', () => {
  it('is the one that schema/ writes down', async () => {
    const { rows } = await sql<{ table: string; columns: string[] }>`
      SELECT c.relname AS table, array_agg(a.attname::text) AS columns FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0 AND NOT attisdropped AND relname <> 'migrations'
      GROUP BY 1`.execute(database.admin);
    expect(Object.fromEntries(rows.map((row) => [row.table, row.columns.sort()]))).toEqual(typedColumns());
  });

  it('carries the tenant in every primary key of a table about a customer', async () => {
    const withoutTenant = new Set(['outbox_shards', 'outbox', 'inbox', 'tenants']);
    const { rows } = await sql<{ table: string; first: string }>`
      SELECT c.relname AS table, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE i.indisprimary AND nspname = 'public' AND NOT c.relispartition AND c.relname <> 'migrations'`.execute(
      database.admin,
    );
    const faults = rows.filter((row) => row.first !== 'tenant_id' && !withoutTenant.has(row.table));
    expect(faults).toEqual([]);
  });
});

describe('row-level security', () => {
  it('is forced on every table that carries a tenant', async () => {
    const { rows } = await sql<{ name: string; on: boolean; forced: boolean }>`
      SELECT relname AS name, relrowsecurity AS on, relforcerowsecurity AS forced FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition`.execute(database.admin);
    const open = rows.filter((row) => !(row.on && row.forced)).map((row) => row.name);
    expect(open.sort()).toEqual(['migrations', 'outbox_shards']);
    expect(await tablesOf(database.admin)).toContain('runs');
  });

  it('cannot be bypassed by any of our roles', async () => {
    const { rows } = await sql<{ name: string }>`
      SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'stellwerk_%' AND (rolbypassrls OR rolsuper)`.execute(
      database.admin,
    );
    expect(rows).toEqual([]);
  });

  it.each<AppRole>(['api', 'worker'])(
    'shows %s no request without a tenant, its own with one, and no other’s',
    async (role) => {
      const own = openDatabase({ url: database.urlFor(role), poolSize: 1 }, 'rls-test');
      try {
        await seedTwoTenants();
        const read = (tenants: string[]) =>
          inTenants(own, tenants, (tx) => tx.selectFrom('requests').select('tenant_id').execute());
        expect(await own.selectFrom('requests').select('tenant_id').execute()).toEqual([]);
        expect(await read([])).toEqual([]);
        expect(await read(['alpha'])).toEqual([{ tenant_id: 'alpha' }]);
        expect((await read(['alpha', 'beta'])).length).toBe(2);
        // the setting ended with its transaction
        expect(await own.selectFrom('requests').select('tenant_id').execute()).toEqual([]);
      } finally {
        await own.destroy();
      }
    },
  );

  it('lets nobody write for a tenant that is not the one of the transaction, nor with several', async () => {
    const own = openDatabase({ url: database.urlFor('api'), poolSize: 1 }, 'rls-test');
    await seedTwoTenants();
    const row = {
      tenant_id: 'alpha',
      request_id: REQUEST,
      id: REQUEST,
      revision: 1,
      plan_hash: 'x',
      decision: 'approve' as const,
      decided_by: 'x',
      reason: null,
    };
    const write = (tenants: string[]) =>
      inTenants(own, tenants, (tx) => tx.insertInto('decisions').values(row).execute());
    await expect(write(['beta'])).rejects.toThrow(/row-level security/);
    await expect(write(['alpha', 'beta'])).rejects.toThrow(/row-level security/);
    await own.destroy();
  });
});

describe('a database that has just been made', () => {
  it.each([
    ['runs', 'id'],
    ['requests', 'id'],
    ['run_steps', 'run_id = $2 AND step_id'],
    ['plans', 'request_id = $2 AND revision'],
  ])('looks a row of %s up by its key, also in plans that are kept', async (table, key) => {
    const text = `EXPLAIN (GENERIC_PLAN) SELECT * FROM ${table} WHERE tenant_id = $1 AND ${key} = $3`;
    const { rows } = await sql<{ 'QUERY PLAN': string }>`${sql.raw(text)}`.execute(database.admin);
    expect(rows[0]!['QUERY PLAN']).toContain(`Index Scan using ${table}_pkey`);
  });
});

const REQUEST = '01975d1c-7a00-7000-8000-0000000000aa';

async function seedTwoTenants(): Promise<void> {
  for (const id of ['alpha', 'beta']) {
    await sql`INSERT INTO tenants (id, kind, name, time_zone) VALUES (${id}, 'customer', ${id}, 'UTC') ON CONFLICT DO NOTHING`.execute(
      database.admin,
    );
    await sql`INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id)
      VALUES (${id}, ${REQUEST}, 'offboarding', 'planning', 'x', '{}', 'x', ${REQUEST}) ON CONFLICT DO NOTHING`.execute(
      database.admin,
    );
    await sql`INSERT INTO plans (tenant_id, request_id, revision, hash, plan) VALUES (${id}, ${REQUEST}, 1, 'x', '{}') ON CONFLICT DO NOTHING`.execute(
      database.admin,
    );
  }
}
