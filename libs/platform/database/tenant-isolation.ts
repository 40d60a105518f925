import { setTimeout as pause } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import type { ClientBase } from 'pg';
import { AppError } from '#libs/kernel';
import type { Schema } from './schema.js';
import { faultOfPolicy, faultsOfSettings, type Policy } from './tenant-policies.js';

/** The database would not keep tenants apart: nobody may work on it. */
export class TenantsNotIsolated extends AppError {
  readonly code = 'database.tenants_not_isolated';
  readonly title = 'The database does not keep tenants apart';
  readonly kind = 'internal';
}

// A role that owns tables, or may become one that does, could switch their policies off.
const FAULTS_OF_ROLE = `
  SELECT format('the role %s %s', current_user, fault) AS fault FROM (
    SELECT 'is a superuser' AS fault FROM pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL SELECT 'may make roles or replicate everything' FROM pg_roles
      WHERE rolname = current_user AND (rolcreaterole OR rolreplication)
    UNION ALL SELECT 'may bypass row-level security' FROM pg_roles WHERE rolname = current_user AND rolbypassrls
    UNION ALL SELECT format('may act as %s, which may bypass row-level security or owns tables', r.rolname)
      FROM pg_roles r WHERE r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p')))
    UNION ALL SELECT format('owns the table %s', c.relname)
      FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user AND c.relkind IN ('r', 'p')
  ) faults`;

// Tables that carry a tenant and that the role can reach at all; a partition counts when it is reachable by its own name.
const FAULTS_OF_TABLES = `
  SELECT format('the table %s %s', c.relname, CASE
    WHEN NOT c.relrowsecurity THEN 'has no row-level security'
    WHEN NOT c.relforcerowsecurity THEN 'does not force row-level security'
    ELSE 'has no policy' END) AS fault
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema']) AND c.relkind IN ('r', 'p')
    AND (c.relname = 'tenants' OR EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
    AND (has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(c.oid, 'DELETE, TRUNCATE'))
    AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`;

// What shows rows as its owner sees them goes round the policies of whoever asks.
const FAULTS_OF_VIEWS = `
  SELECT format('the view %s shows what its owner may see', c.relname) AS fault
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema']) AND has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE')
    AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'])`;

// Somebody's objects in a schema that is searched first would be called with the function owner's rights.
const FAULTS_OF_FUNCTIONS = `
  SELECT format('the function %s acts for its owner and searches any schema', p.proname) AS fault
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema']) AND p.prosecdef AND has_function_privilege(p.oid, 'EXECUTE')
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%')`;

const POLICIES = `
  SELECT c.relname AS table, p.polname AS name, coalesce(pg_get_expr(p.polqual, p.polrelid), '') AS reads,
    coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') AS writes
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  WHERE p.polpermissive AND (0 = ANY (p.polroles) OR EXISTS (SELECT FROM unnest(p.polroles) r WHERE pg_has_role(current_user, r, 'MEMBER')))`;

const SETTINGS = `
  SELECT p.proname AS name, btrim(p.prosrc) AS source FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'public' AND p.proname = ANY (ARRAY['visible_tenants', 'written_tenant'])`;

const IS_MIGRATED = `SELECT to_regclass('public.tenants') IS NOT NULL AS migrated`;

/**
 * Makes sure that row-level security holds for whoever this connection belongs to: the role cannot bypass it, and every
 * table with a tenant that it reaches enforces it (design, rule 9). Throws `TenantsNotIsolated` naming what is wrong.
 */
export async function requireTenantIsolation(client: ClientBase): Promise<void> {
  const state = await client.query<{ migrated: boolean }>(IS_MIGRATED);
  if (!state.rows[0]!.migrated)
    throw new TenantsNotIsolated('The database has no tables yet. Migrate it (node dist/tools/database/main.js).');
  const asked = [FAULTS_OF_ROLE, FAULTS_OF_TABLES, FAULTS_OF_VIEWS, FAULTS_OF_FUNCTIONS].join(' UNION ALL ');
  const found = await client.query<{ fault: string }>(`SELECT fault FROM (${asked}) all_faults ORDER BY fault`);
  const policies = await client.query<Policy>(POLICIES);
  const settings = await client.query<{ name: string; source: string }>(SETTINGS);
  const all = [
    ...found.rows.map(({ fault }) => fault),
    ...policies.rows.flatMap(faultOfPolicy),
    ...faultsOfSettings(settings.rows),
  ];
  if (all.length === 0) return;
  const faults = all.join('; ');
  throw new TenantsNotIsolated(
    `Nothing is read or written as long as ${faults}. Use the role made for this program, and restore the table's policies.`,
  );
}

const PAUSE_MS = 1_000;

/**
 * Rejects with `TenantsNotIsolated` when the database, as soon as it answers, does not keep tenants apart; else never
 * settles. For the owner of a process, which then ends it: a restart into the same fault reads and writes nothing.
 */
export async function tenantsMixed(database: Kysely<Schema>, signal: AbortSignal): Promise<never> {
  while (!signal.aborted) {
    try {
      await sql`SELECT 1`.execute(database);
      break;
    } catch (error) {
      if (error instanceof TenantsNotIsolated) throw error;
      await pause(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
  return new Promise<never>(() => undefined);
}
