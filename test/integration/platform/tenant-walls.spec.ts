import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';
import { ACROSS, type Verb } from './across-tenants.js';

const ROLES: readonly AppRole[] = ['api', 'bridge', 'worker', 'keeper', 'founder'];
const VERBS: readonly Verb[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
const OTHER = 'other';
const REFUSED = '42501';

/** A table that carries a tenant, or the tenants themselves. */
interface Walled {
  readonly name: string;
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

let database: TestDatabase;
let tables: readonly Walled[];

beforeAll(async () => {
  database = await createTestDatabase();
  tables = await walledTables();
  await fill();
});
afterAll(() => database?.drop());

async function walledTables(): Promise<readonly Walled[]> {
  const { rows } = await sql<Walled>`
    SELECT c.relname AS name, jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL),
      'required', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '') ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated = '' AND a.attidentity <> 'a'
      AND (c.relname = 'tenants' OR EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id'))
    GROUP BY c.relname ORDER BY c.relname`.execute(database.admin);
  return rows;
}

/** One row of a tenant in each table, long past, whatever the tables' own rules say: here only who sees it is asked. */
async function fill(): Promise<void> {
  await sql`SELECT keep_outbox_partitions(current_date)`.execute(database.admin);
  const { rows } = await sql<{ drop: string }>`
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop FROM pg_constraint
    WHERE contype = 'c' AND coninhcount = 0 AND connamespace = 'public'::regnamespace AND conrelid <> 0`.execute(
    database.admin,
  );
  for (const { drop } of rows) await sql.raw(drop).execute(database.admin);
  await database.admin.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    for (const { name } of tables) await sql.raw(`DELETE FROM ${name}`).execute(tx);
    for (const table of tables) await sql.raw(insertOf(table, table.columns)).execute(tx);
  });
}

function insertOf({ name }: Walled, columns: readonly Column[]): string {
  const given = columns.filter((column) => column.required || isTenant(name, column) || isPast(name, column));
  const values = given.map((column) => (isTenant(name, column) ? `'${OTHER}'` : valueOf(column)));
  return `INSERT INTO ${name} (${given.map((column) => column.name).join(', ')}) VALUES (${values.join(', ')})`;
}

function isTenant(table: string, { name }: Column): boolean {
  return name === (table === 'tenants' ? 'id' : 'tenant_id');
}

// the outbox has partitions for these days only
function isPast(table: string, { name, type }: Column): boolean {
  return type.startsWith('timestamp') && !(table === 'outbox' && name === 'created_at');
}

function valueOf({ type }: Column): string {
  if (type.endsWith('[]')) return "'{}'";
  if (type.startsWith('timestamp') || type === 'date') return "'2020-01-01'";
  switch (type) {
    case 'uuid':
      return 'gen_random_uuid()';
    case 'jsonb':
      return "'{}'";
    case 'boolean':
      return 'true';
    case 'interval':
      return "'1 hour'";
    case 'bytea':
      return "'\\x00'";
    case 'text':
      return "'x'";
    default:
      return '1';
  }
}

/** What a role can say to a table at all; by each column, for a right to one is enough. */
async function rightsOf(client: pg.Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ right: string; columns: string[] }>(
    `SELECT c.relname || ' ' || v.verb AS right, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     CROSS JOIN unnest($1::text[]) AS v (verb)
     WHERE c.relname = ANY ($2) AND c.relnamespace = 'public'::regnamespace AND CASE v.verb
       WHEN 'DELETE' THEN has_table_privilege(c.oid, v.verb) ELSE has_column_privilege(c.oid, a.attnum, v.verb) END
     GROUP BY 1`,
    [VERBS, tables.map(({ name }) => name)],
  );
  return new Map(rows.map(({ right, columns }) => [right, columns]));
}

function attempt(verb: Verb, table: Walled, allowed: readonly string[]): string {
  const columns = table.columns.filter(({ name }) => allowed.includes(name));
  switch (verb) {
    case 'SELECT':
      return `SELECT ${allowed[0]} FROM ${table.name}`;
    case 'INSERT':
      return insertOf(table, columns);
    case 'UPDATE': {
      // another tenant would be refused whatever the row is
      const column = columns.find((one) => !isTenant(table.name, one)) ?? columns[0]!;
      return `UPDATE ${table.name} SET ${column.name} = ${valueOf(column)}`;
    }
    case 'DELETE':
      return `DELETE FROM ${table.name}`;
  }
}

/** Whether a statement reached a row of the other tenant; one that fails for another reason than a right had come too far. */
async function reaches(client: pg.Client, visible: string, statement: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT set_config('stellwerk.tenants', $1, true)`, [visible]);
    const { rowCount } = await client.query(statement);
    return rowCount !== 0;
  } catch (error) {
    return (error as { readonly code?: string }).code !== REFUSED;
  } finally {
    await client.query('ROLLBACK');
  }
}

async function breachesOf(role: AppRole, visible: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.urlFor(role) });
  await client.connect();
  try {
    const rights = await rightsOf(client);
    const found: string[] = [];
    for (const table of tables)
      for (const verb of VERBS) {
        const allowed = rights.get(`${table.name} ${verb}`);
        if (allowed && (await reaches(client, visible, attempt(verb, table, allowed))))
          found.push(`${verb} ${table.name}`);
      }
    return found;
  } finally {
    await client.end();
  }
}

function knownOf(role: AppRole): string[] {
  return Object.entries(ACROSS[role]).flatMap(([table, [verbs]]) => verbs.map((verb) => `${verb} ${table}`));
}

describe('a row of another tenant', () => {
  it.each(ROLES)(
    'is neither read nor written by the %s’s role in any table, but for what is listed with its reason',
    async (role) => {
      expect((await breachesOf(role, 'own')).sort()).toEqual(knownOf(role).sort());
    },
  );

  it.each(ROLES)('is no more to be reached by the %s’s role without any tenant', async (role) => {
    expect((await breachesOf(role, '')).sort()).toEqual(knownOf(role).sort());
  });

  it('is reached by the same statements as soon as it is the transaction’s own tenant: they are no dead letters', async () => {
    const found = await breachesOf('worker', OTHER);
    expect(found).toEqual(
      expect.arrayContaining(['SELECT requests', 'SELECT runs', 'UPDATE requests', 'INSERT inbox']),
    );
  });

  it('is told of to the reconciler by its tenant and id only, found by an index', async () => {
    const { rows } = await sql<{ source: string; result: string }>`
      SELECT prosrc AS source, pg_get_function_result(oid) AS result FROM pg_proc WHERE proname = 'open_requests_after'`.execute(
      database.admin,
    );
    expect(rows[0]!.result).toBe('TABLE(tenant_id text, id uuid)');
    const asked = rows[0]!.source
      .replace('p_tenant', '$1::text')
      .replace('p_id', '$2::uuid')
      .replace('p_most', '$3::int');
    const plan = await sql<{ 'QUERY PLAN': string }>`${sql.raw(`EXPLAIN (GENERIC_PLAN) ${asked}`)}`.execute(
      database.admin,
    );
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index (Only )?Scan using requests_open/);
  });
});
