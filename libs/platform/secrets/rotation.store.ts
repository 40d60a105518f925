import { sql } from 'kysely';
import type { Database } from '../database/index.js';
import type { WrappedKey } from './keys/index.js';
import { additionalOf } from './keys/envelope.js';
import { placeOfPayloadKey } from './payload-keys.js';
import { placeOf } from './secret.store.js';

/** A wrapped key in some table, as the role `stellwerk_keeper` sees it. */
export interface WrappedRow extends WrappedKey {
  /** Its primary key, in the order of `WRAPPED_TABLES`. */
  readonly at: readonly (string | number)[];
  /** What it was wrapped with besides the master key. */
  readonly additional: Buffer;
}

interface WrappedTable {
  readonly name: 'sealed_values' | 'secrets' | 'payload_keys' | 'webhook_secrets';
  readonly key: readonly string[];
  readonly more: readonly string[];
  readonly additional: (row: Readonly<Record<string, string | number>>) => Buffer;
}

/** Every table that holds wrapped keys. */
export const WRAPPED_TABLES: readonly WrappedTable[] = [
  {
    name: 'payload_keys',
    key: ['tenant_id', 'version'],
    more: [],
    additional: (row) => placeOfPayloadKey(String(row['tenant_id']), Number(row['version'])),
  },
  {
    name: 'secrets',
    key: ['tenant_id', 'name', 'version'],
    more: ['id'],
    additional: (row) => additionalOf(placeOf(String(row['tenant_id']), String(row['name']), String(row['id']))),
  },
  {
    name: 'sealed_values',
    key: ['tenant_id', 'owner', 'name'],
    more: [],
    additional: (row) => additionalOf([row['tenant_id'], row['owner'], row['name']]),
  },
  {
    name: 'webhook_secrets',
    key: ['tenant_id', 'subscription_id', 'id'],
    more: [],
    // as libs/webhooks/store/subscription.store.ts binds them
    additional: (row) => additionalOf(['webhook', row['tenant_id'], row['id']]),
  },
];

/** How many rows of a table a master key wrapped. */
export interface KeyCount {
  readonly table: string;
  readonly keyId: string;
  readonly count: number;
}

/** By table and key. */
export async function countWrapped(database: Database): Promise<readonly KeyCount[]> {
  const counts: KeyCount[] = [];
  for (const { name } of WRAPPED_TABLES) {
    const { rows } = await sql<{ keyId: string; count: number }>`
      SELECT key_id AS "keyId", count(*)::int AS count FROM ${sql.table(name)} WHERE key_id IS NOT NULL GROUP BY 1 ORDER BY 1`.execute(
      database,
    );
    counts.push(...rows.map((row) => ({ table: name, ...row })));
  }
  return counts;
}

/** Rows behind a place that another key than `current` wrapped, in the order of their primary key. */
export async function rowsToRewrap(
  database: Database,
  { name, key, more, additional }: WrappedTable,
  current: string,
  after: WrappedRow | null,
  limit: number,
): Promise<readonly WrappedRow[]> {
  const columns = sql.join([...key, ...more, 'key_id', 'wrapped_key'].map((column) => sql.ref(column)));
  const place = sql.join(key.map((column) => sql.ref(column)));
  const behind = after ? sql`AND (${place}) > (${sql.join([...after.at])})` : sql``;
  const { rows } = await sql<Record<string, string | number>>`
    SELECT ${columns} FROM ${sql.table(name)} WHERE key_id <> ${current} ${behind} ORDER BY ${place} LIMIT ${limit}`.execute(
    database,
  );
  return rows.map((row) => ({
    at: key.map((column) => row[column]!),
    keyId: String(row['key_id']),
    wrapped: row['wrapped_key'] as unknown as Buffer,
    additional: additional(row),
  }));
}

/** Exchanges the wrapping unless the row was changed meanwhile. Gives whether it did. */
export async function exchangeWrapping(
  database: Database,
  { name, key }: WrappedTable,
  row: WrappedRow,
  next: WrappedKey,
): Promise<boolean> {
  const place = sql.join(key.map((column) => sql.ref(column)));
  const { numAffectedRows = 0n } = await sql`
    UPDATE ${sql.table(name)} SET key_id = ${next.keyId}, wrapped_key = ${next.wrapped}
    WHERE (${place}) = (${sql.join([...row.at])}) AND key_id = ${row.keyId} AND wrapped_key = ${row.wrapped}`.execute(
    database,
  );
  return numAffectedRows > 0n;
}

export type { WrappedTable };
