import { Kysely, PostgresDialect, sql, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from '../config/config.js';
import type { Schema } from './schema.js';
import { endWhenSilent } from './silent-server.js';
import { requireTenantIsolation } from './tenant-isolation.js';

export type Database = Kysely<Schema>;
export type Transaction = KyselyTransaction<Schema>;

const INT8 = 20;
const STATEMENT_MS = 15_000;
/** The server ends a statement before, so that only a server which says nothing gets here. */
const SILENCE_MS = STATEMENT_MS + 5_000;

/**
 * Opens a pool. Whoever opens it closes it with `database.destroy()`. A query without an answer ends after `silenceMs`
 * with `DatabaseUnavailable`, and its connection with it. With `requireIsolation` every query fails with
 * `TenantsNotIsolated` until a connection was found to keep tenants apart.
 */
export function openDatabase(
  config: DatabaseConfig,
  applicationName: string,
  { silenceMs = SILENCE_MS, requireIsolation = false } = {},
): Database {
  const check = requireIsolation ? onceIsolated() : undefined;
  const pool = new pg.Pool({
    ...(check ? { verify: check } : {}),
    connectionString: config.url,
    max: config.poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    // counts and sequences stay far below 2^53
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // An idle connection that the server ends (a restart) must not end the process; the next query opens a new one.
  pool.on('error', () => undefined);
  // The same for one that is in use: its query rejects, and without a listener Node would end the process besides.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    endWhenSilent(client, silenceMs);
  });
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

type Verify = (client: pg.PoolClient, done: (error?: Error) => void) => void;

/** Looks at new connections before anybody gets them, until one was found to be safe. */
function onceIsolated(): Verify {
  let isSafe = false;
  return (client, done) => {
    if (isSafe) return done();
    requireTenantIsolation(client).then(
      () => {
        isSafe = true;
        done();
      },
      (error: Error) => done(error),
    );
  };
}

/**
 * Runs `work` in one transaction that reads the rows of `tenants` and, when it is exactly one, may write them. The
 * setting is local to the transaction, so that nothing leaks through the pool (design, rule 9).
 */
export function inTenants<T>(
  database: Database,
  tenants: readonly string[],
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction().execute(async (tx) => {
    await setTenants(tx, tenants);
    return work(tx);
  });
}

/** Sets the visible tenants of a transaction that is under way. */
export async function setTenants(tx: Transaction, tenants: readonly string[]): Promise<void> {
  await sql`SELECT set_config('stellwerk.tenants', ${tenants.join(',')}, true)`.execute(tx);
}

/** Text for a JSON column. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}
