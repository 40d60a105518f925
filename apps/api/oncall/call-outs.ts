import { sql } from 'kysely';
import type { CallOut } from '#libs/oncall';
import type { Transaction } from '#libs/platform/database';

const DAY_MS = 86_400_000;

/**
 * Call-outs of a tenant's people, whichever customer they were for, that can leave too little rest before a shift of the
 * span (epoch milliseconds): one that is still going on ends now, as far as anybody knows.
 */
export async function callOutsAround(
  tx: Transaction,
  tenant: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<CallOut[]> {
  const { rows } = await sql<{ subject: string; from_at: Date; to_at: Date }>`
    SELECT * FROM call_outs_between(${tenant}, ${new Date(from - 2 * DAY_MS)}, ${new Date(to)})`.execute(tx);
  return rows.map(({ subject, from_at, to_at }) => ({
    person: subject,
    from: from_at.getTime(),
    to: to_at.getTime(),
  }));
}
