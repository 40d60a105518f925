import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';

/** A column that text or JSON can be planted into. */
interface Column {
  readonly table: string;
  /** The column that names the tenant. */
  readonly tenant: string;
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
}

/** Every column of every table that carries a tenant, of `tenants` too; partitions count with their table. */
async function tenantColumns(admin: Database): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    SELECT c.relname AS "table", CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END AS tenant,
      a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
      a.atthasdef AS "hasDefault", a.attgenerated <> '' OR a.attidentity <> '' AS generated
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (c.relname = 'tenants' OR EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id'))
    ORDER BY c.relname, a.attnum`.execute(admin);
  return rows;
}

/** Names of the columns that take text or JSON, by table; tables without one are left out. */
export async function columnsToPlant(admin: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const plantable = (await tenantColumns(admin)).filter(isPlantable);
  return new Map([...byTable(plantable)].map(([table, columns]) => [table, columns.map(({ name }) => name)]));
}

function isPlantable({ name, tenant, type, generated }: Column): boolean {
  return name !== tenant && !generated && ['text', 'text[]', 'jsonb'].includes(type);
}

/** The rows of a tenant as JSON text, by table. */
export async function rowsOf(admin: Database, tenant: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const columns = await tenantColumns(admin);
  const tables = new Map(columns.map((column) => [column.table, column.tenant]));
  const found = new Map<string, readonly string[]>();
  for (const [table, key] of tables) {
    const { rows } = await sql<{ row: string }>`
      SELECT to_jsonb(t)::text AS row FROM ${sql.table(table)} t WHERE ${sql.ref(`t.${key}`)} = ${tenant}`.execute(
      admin,
    );
    found.set(table, rows.map(({ row }) => row).sort());
  }
  return found;
}

/**
 * Gives what asks for a digest of the rows of each tenant in each table (`muster/requests`), `without` a column: by one
 * query, since a scan asks before and after each of its calls. A table without rows of a tenant has no digest for it.
 */
export async function digestsBy(
  admin: Database,
  { without }: { readonly without: string },
): Promise<() => Promise<ReadonlyMap<string, string>>> {
  const tables = new Map((await tenantColumns(admin)).map((column) => [column.table, column.tenant]));
  const each = [...tables].map(
    ([table, key]) => sql`
      SELECT ${sql.ref(`t.${key}`)} || '/' || ${sql.lit(table)} AS place, md5(string_agg(content, '' ORDER BY content)) AS digest
      FROM ${sql.table(table)} t CROSS JOIN LATERAL (SELECT (to_jsonb(t) - ${sql.lit(without)})::text AS content) r GROUP BY 1`,
  );
  const query = sql<{ place: string; digest: string }>`${sql.join(each, sql` UNION ALL `)}`;
  return async () => new Map((await query.execute(admin)).rows.map(({ place, digest }) => [place, digest]));
}

/**
 * Puts `mark` into every text, list of texts and JSON column of the tenant's rows, whatever that breaks in them; what a
 * table holds none of gets a row made up. Columns that the database itself restricts (keys, checks) stay as they are.
 */
export async function plant(admin: Database, tenant: string, mark: string): Promise<void> {
  const columns = await tenantColumns(admin);
  await admin.connection().execute(async (connection) => {
    // no trigger and no foreign key: an append-only table is planted into like any other
    await sql`SET session_replication_role = replica`.execute(connection);
    try {
      for (const [table, own] of byTable(columns)) {
        await makeUpRow(connection, table, own, tenant);
        for (const column of own.filter(isPlantable)) await plantColumn(connection, column, tenant, mark);
      }
    } finally {
      await sql`RESET session_replication_role`.execute(connection);
    }
  });
}

function byTable(columns: readonly Column[]): ReadonlyMap<string, readonly Column[]> {
  const tables = new Map<string, Column[]>();
  for (const column of columns) tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
  return tables;
}

/** Constraints that a made-up value may break; whatever else fails is a defect of the scan. */
const RESTRICTED = /^(23|22P02|22023)/;

async function plantColumn(connection: Database, column: Column, tenant: string, mark: string): Promise<void> {
  const { table, name, type } = column;
  const ref = sql.ref(name);
  const planted = {
    text: sql`${mark} || coalesce(${ref}, '')`,
    'text[]': sql`ARRAY[${mark}] || coalesce(${ref}, '{}')`,
    jsonb: sql`CASE jsonb_typeof(coalesce(${ref}, '{}')) WHEN 'object' THEN coalesce(${ref}, '{}') || jsonb_build_object('planted', ${mark}::text)
      WHEN 'array' THEN ${ref} || jsonb_build_array(${mark}::text) ELSE to_jsonb(${mark}::text) END`,
  }[type];
  if (!planted) return;
  await sql`UPDATE ${sql.table(table)} SET ${ref} = ${planted} WHERE ${sql.ref(column.tenant)} = ${tenant}`
    .execute(connection)
    .catch(unlessRestricted);
}

/** What a row that is made up needs where the database takes only some values and no word of a list says which. */
const MADE_UP: Readonly<Record<string, string>> = {
  'approval_delegations.delegate': 'somebody else',
  'approval_delegations.valid_from': '2026-01-01',
  'approval_delegations.valid_until': '2026-01-02',
  'audit_entries.action': 'request.submitted',
  'sla_marks.lifted_at': '2026-01-01',
  'webhook_subscriptions.event_types': '{de.stellwerk.run.ended.v1}',
  'outgoing_allowances.host': 'files.example',
  'outgoing_allowances.protocols': '{http}',
  'tenant_erasures.confirmed_by': 'somebody else',
  'ssh_host_keys.fingerprint': `SHA256:${'A'.repeat(43)}`,
  'role_grants.role': 'requester',
  'role_grants.covers': 'home',
};

/** A table without a row of the tenant gets one, with a value of each type. */
async function makeUpRow(
  connection: Database,
  table: string,
  columns: readonly Column[],
  tenant: string,
): Promise<void> {
  const { rows } =
    await sql`SELECT 1 FROM ${sql.table(table)} WHERE ${sql.ref(columns[0]!.tenant)} = ${tenant} LIMIT 1`.execute(
      connection,
    );
  if (rows.length > 0) return;
  const given = columns.filter(
    ({ name, notNull, hasDefault, generated }) =>
      `${table}.${name}` in MADE_UP || (notNull && !hasDefault && !generated),
  );
  const checks = await sql<{ def: string }>`
    SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conrelid = ${table}::regclass AND contype = 'c'`.execute(
    connection,
  );
  const values = given.map((column) =>
    column.name === column.tenant
      ? sql`${tenant}`
      : madeUp(
          column,
          checks.rows.map(({ def }) => def),
        ),
  );
  await sql`INSERT INTO ${sql.table(table)} (${sql.join(given.map(({ name }) => sql.ref(name)))}) VALUES (${sql.join(values)})`
    .execute(connection)
    .catch(unlessRestricted);
}

function madeUp({ table, name, type }: Column, checks: readonly string[]) {
  const given = MADE_UP[`${table}.${name}`];
  if (given) return sql`${given}::text::${sql.raw(type)}`;
  // of a column that takes some words only, the first of them
  const word = checks.map((def) => new RegExp(`\\b${name} = ANY \\(ARRAY\\['([^']+)'`).exec(def)?.[1]).find(Boolean);
  if (word) return sql`${word}`;
  switch (type) {
    case 'uuid':
      return sql`gen_random_uuid()`;
    case 'jsonb':
      return sql`'{}'::jsonb`;
    case 'bytea':
      return sql`sha256(random()::text::bytea)`;
    case 'timestamp with time zone':
      return sql`now()`;
    case 'boolean':
      return sql`false`;
    case 'date':
      return sql`current_date`;
    case 'text':
      return sql`'made_up'`;
    default:
      return type.endsWith('[]') ? sql.raw(`'{}'::${type}`) : sql`1`;
  }
}

function unlessRestricted(error: unknown): void {
  if (!RESTRICTED.test(String((error as { code?: unknown }).code))) throw error;
}
