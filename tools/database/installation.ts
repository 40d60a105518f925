import { readMasterKeysConfig, type MasterKeysConfig } from '#libs/platform/config';
import { openDatabase, type Database } from '#libs/platform/database';

/** A tool of operators that opens the database, and as whom. */
export interface Tool {
  /** E.g. `owner`. */
  readonly name: string;
  /** The database role that it is for. */
  readonly role: 'stellwerk_bridge' | 'stellwerk_founder' | 'stellwerk_keeper' | 'stellwerk_worker';
  readonly poolSize?: number;
}

/**
 * Does a tool's work on the installation that STELLWERK_DATABASE_URL names. Like the programs, a tool reads and writes nothing on a database that does not keep tenants apart (`TenantsNotIsolated`).
 */
export async function onInstallation<T>(tool: Tool, work: (database: Database) => Promise<T>): Promise<T> {
  const database = openInstallation(tool, databaseUrl(tool));
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}

/** The same at another address, for whoever closes it. */
export function openInstallation({ name, poolSize = 1 }: Tool, url: string): Database {
  return openDatabase({ url, poolSize }, `stellwerk-${name}`, { requireIsolation: true });
}

/** The programs' settings of master keys. Throws when they are missing or wrong, naming them without their values. */
export function masterKeysOfInstallation(): MasterKeysConfig {
  const faults: string[] = [];
  const config = readMasterKeysConfig(process.env, faults);
  if (faults.length > 0) throw new Error(`Set these variables: ${faults.join('; ')}.`);
  return config;
}

function databaseUrl({ role }: Tool): string {
  const url = process.env['STELLWERK_DATABASE_URL'];
  if (!url) throw new Error(`Set STELLWERK_DATABASE_URL to our database, as ${role}.`);
  return url;
}
