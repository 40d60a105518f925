import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { AppError } from '#libs/kernel';

/** A migration that was applied has changed since; migrations only go forward. */
export class MigrationChanged extends AppError {
  readonly code = 'database.migration_changed';
  readonly title = 'An applied migration was changed';
  readonly kind = 'internal';
}

export interface MigrateOptions {
  /** URL of a superuser or of a role that may create roles and databases, at any database. */
  readonly adminUrl: string;
  readonly name: string;
  /**
   * Password of the roles `stellwerk_api`, `stellwerk_bridge`, `stellwerk_worker`, `stellwerk_keeper` (who exchanges master
   * keys) and `stellwerk_founder` (who makes the first owner).
   */
  readonly rolePassword: string;
}

// the build copies the SQL files beside the compiled code
const MIGRATIONS = new URL('./migrations/', import.meta.url);

const APP_ROLES = ['stellwerk_api', 'stellwerk_bridge', 'stellwerk_worker', 'stellwerk_keeper', 'stellwerk_founder'];

/** Creates roles and database where missing and applies new migrations, each in a transaction. Gives their names. */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  await withClient(options.adminUrl, async (client) => {
    await client.query(`SELECT pg_advisory_lock(hashtext('stellwerk.migrate'))`);
    await ensureRoles(client, options.rolePassword);
    await ensureDatabase(client, options.name);
  });
  const url = new URL(options.adminUrl);
  url.pathname = `/${options.name}`;
  return withClient(url.href, (client) => applyMigrations(client, MIGRATIONS));
}

/** Eight hexadecimal digits that change with any migration. */
export function migrationsFingerprint(): string {
  const hash = createHash('sha256');
  for (const name of migrationFiles(MIGRATIONS)) hash.update(name).update(readFileSync(new URL(name, MIGRATIONS)));
  return hash.digest('hex').slice(0, 8);
}

function migrationFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function ensureRoles(client: pg.Client, password: string): Promise<void> {
  const known = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
  const names = new Set(known.rows.map((row) => row.rolname));
  if (!names.has('stellwerk_owner')) await client.query('CREATE ROLE stellwerk_owner NOLOGIN NOBYPASSRLS');
  // a managed PostgreSQL gives no superuser: the admin must be a member to act as the owner
  await client.query('GRANT stellwerk_owner TO CURRENT_USER');
  for (const role of APP_ROLES) {
    const verb = names.has(role) ? 'ALTER' : 'CREATE';
    await client.query(`${verb} ROLE ${role} LOGIN NOBYPASSRLS PASSWORD ${client.escapeLiteral(password)}`);
  }
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (found.rowCount === 0)
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} OWNER stellwerk_owner`);
}

async function applyMigrations(client: pg.Client, folder: URL): Promise<string[]> {
  await client.query(`SELECT pg_advisory_lock(hashtext('stellwerk.migrate'))`);
  await client.query('SET ROLE stellwerk_owner');
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const done = new Map(
    (await client.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM migrations')).rows.map((row) => [
      row.name,
      row.sha256,
    ]),
  );
  const applied: string[] = [];
  for (const name of migrationFiles(folder)) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (done.has(name)) {
      if (done.get(name) !== sha256)
        throw new MigrationChanged(`${name} was applied in another form. Restore it and add a new migration.`);
      continue;
    }
    await client.query('BEGIN');
    await client.query(text);
    await client.query('INSERT INTO migrations (name, sha256) VALUES ($1, $2)', [name, sha256]);
    await client.query('COMMIT');
    applied.push(name);
  }
  return applied;
}
