import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';
import type { LogRecord } from '#libs/platform/kafka';

export interface UnsentRow extends LogRecord {
  /** Exact, as text: a JavaScript date would lose the microseconds of the row's key. */
  readonly created_at: string;
  readonly id: number;
  readonly shard: number;
  readonly sequence: number;
}

const ROWS_PER_SHARD = 100;
const BYTES_PER_SHARD = 1_000_000;

export interface Scan {
  readonly rows: readonly UnsentRow[];
  /** The scan was cut off: look again at once. */
  readonly more: boolean;
}

/** The relay's view of the outbox: rows without `sent_at`, never a cursor, because transactions commit late. */
export class OutboxStore {
  constructor(private readonly database: Database) {}

  /** Unsent rows of these shards by id, at most 100 of each and about 1 MB. */
  async scan(shards: readonly number[]): Promise<Scan> {
    if (shards.length === 0) return { rows: [], more: false };
    const { rows } = await sql<UnsentRow & { running_bytes: number }>`
      SELECT o.* FROM unnest(${[...shards]}::smallint[]) AS s (shard) CROSS JOIN LATERAL (
        SELECT u.*, sum(octet_length(value)) OVER (ORDER BY id) AS running_bytes FROM (
          SELECT created_at::text AS created_at, id, shard, topic, key, sequence, headers, value FROM outbox
          WHERE outbox.shard = s.shard AND sent_at IS NULL ORDER BY id LIMIT ${ROWS_PER_SHARD}
        ) u
      ) o WHERE o.running_bytes - octet_length(o.value) < ${BYTES_PER_SHARD}`.execute(this.database);
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(row.shard, (counts.get(row.shard) ?? 0) + 1);
    const more =
      [...counts.values()].some((count) => count === ROWS_PER_SHARD) ||
      rows.some((row) => row.running_bytes >= BYTES_PER_SHARD);
    return { rows, more };
  }

  /** Notes that the log has acknowledged these rows. */
  async markSent(rows: readonly UnsentRow[]): Promise<void> {
    await sql`
      UPDATE outbox o SET sent_at = clock_timestamp()
      FROM unnest(${rows.map((row) => row.created_at)}::timestamptz[], ${rows.map((row) => row.id)}::bigint[]) AS s (created_at, id)
      WHERE o.created_at = s.created_at AND o.id = s.id AND o.sent_at IS NULL`.execute(this.database);
  }
}
