import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';
import type { ShardLease } from './lease-plan.js';

// Each relay holds this advisory lock shared, so that the others can count it (see outbox-listener.ts).
export const RELAY_LOCK = { class: 57_239, object: 1 } as const;

/** The leases of the relay's shards. Times are the database's. */
export class LeaseStore {
  constructor(
    private readonly database: Database,
    private readonly owner: string,
  ) {}

  async read(): Promise<ShardLease[]> {
    const { rows } = await sql<ShardLease>`
      SELECT shard, owner, leased_until > now() AS live FROM outbox_shards ORDER BY shard`.execute(this.database);
    return rows;
  }

  /**
   * How many relays are connected to this database and have spoken within so long: one that hangs keeps its connection,
   * and with it counted the others would leave its share to it.
   */
  async countRelays(milliseconds: number): Promise<number> {
    const { rows } = await sql<{ relays: number }>`
      SELECT count(DISTINCT pid)::int AS relays FROM pg_locks JOIN pg_stat_activity a USING (pid)
      WHERE locktype = 'advisory' AND granted AND classid = ${RELAY_LOCK.class} AND objid = ${RELAY_LOCK.object} AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND a.state_change > clock_timestamp() - ${milliseconds} * interval '1 millisecond'`.execute(this.database);
    return rows[0]!.relays;
  }

  /** Renews own leases and takes those that are free. Gives the shards that are ours now. */
  async hold(shards: readonly number[], milliseconds: number): Promise<number[]> {
    const { rows } = await sql<{ shard: number }>`
      UPDATE outbox_shards SET owner = ${this.owner}, leased_until = now() + ${milliseconds} * interval '1 millisecond'
      WHERE shard = ANY (${[...shards]}::smallint[]) AND (owner = ${this.owner} OR leased_until <= now())
      RETURNING shard`.execute(this.database);
    return rows.map((row) => row.shard).sort((a, b) => a - b);
  }

  /** Frees leases of ours, so that another relay need not wait for their end. */
  async giveBack(shards: readonly number[]): Promise<void> {
    await sql`
      UPDATE outbox_shards SET owner = NULL, leased_until = '-infinity'
      WHERE shard = ANY (${[...shards]}::smallint[]) AND owner = ${this.owner}`.execute(this.database);
  }
}
