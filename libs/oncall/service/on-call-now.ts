import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { onCallOf, type OnCallNow } from '../model/record-times.js';
import { findSchedule, recordOf } from '../store/schedule.store.js';

/** Who is on call by a schedule at the database's present instant; null when the tenant has no such schedule. */
export async function onCallNow(tx: Transaction, tenant: string, scheduleId: string): Promise<OnCallNow | null> {
  const schedule = await findSchedule(tx, [tenant], scheduleId);
  if (!schedule) return null;
  const at = await presentInstant(tx);
  return onCallOf(await recordOf(tx, schedule, at), at);
}

/** The database's clock, in epoch milliseconds: business time comes from there. */
export async function presentInstant(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ at: Date }>`SELECT clock_timestamp() AS at`.execute(tx);
  return rows[0]!.at.getTime();
}
