import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';

/** The transaction's instant by the database's clock, in epoch milliseconds: what it writes bears the same. */
export async function presentInstant(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ at: Date }>`SELECT now() AS at`.execute(tx);
  return rows[0]!.at.getTime();
}
