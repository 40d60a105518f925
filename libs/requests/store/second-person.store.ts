import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { brakeReason, limitFor, touchedBy, touchedInBusiestHour } from '../model/brake.model.js';
import { protectionReasons } from '../model/protected-accounts.model.js';
import {
  reasonsInRemarks,
  withoutRepeats,
  type ConfirmablePlan,
  type ConfirmationReason,
} from '../model/second-person.model.js';
import { listProtectedAccounts, toProtectedAccount } from './protected-account.store.js';
import { readSettings } from './settings.store.js';

/** A plan for which reasons are looked for. */
export interface JudgedPlan {
  readonly tenant: string;
  readonly plan: ConfirmablePlan;
  /** Null while nobody has decided. */
  readonly decidedBy: string | null;
  /** False for a difference after drift: the run is counted already. */
  readonly beginsRun: boolean;
}

/**
 * Why a plan needs a second person as things stand: what its building blocks remarked, whom it is about, and the brake.
 * Throws `AccountProtected` where the customer's rule is to refuse. Before a decision takes effect, take `holdBrake` first.
 */
export async function findReasons(tx: Transaction, judged: JudgedPlan): Promise<ConfirmationReason[]> {
  const accounts = (await listProtectedAccounts(tx, [judged.tenant])).map(toProtectedAccount);
  const brake = judged.beginsRun ? await judgeBrake(tx, judged) : null;
  return withoutRepeats([
    ...reasonsInRemarks(judged.plan.remarks),
    ...protectionReasons(accounts, judged.plan, judged.beginsRun),
    ...(brake ? [brake] : []),
  ]);
}

/**
 * Lets one decision of a tenant at a time be counted, until the transaction ends: of two that come at once the second
 * sees the first. Taken after the lock of the request's row, of which a transaction holds one.
 */
export async function holdBrake(tx: Transaction, tenant: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['brake', tenant])}, 0))`.execute(tx);
}

/** The brake's reason for one more account or device at this time, or null. */
async function judgeBrake(
  tx: Transaction,
  { tenant, plan, decidedBy }: JudgedPlan,
): Promise<ConfirmationReason | null> {
  const settings = await readSettings(tx, tenant);
  const { rows } = await sql<{ own: number; at: number | null; touches: string[] | null }>`
    SELECT extract(epoch FROM o.at)::float8 * 1000 AS own, extract(epoch FROM d.starts_at)::float8 * 1000 AS at, d.touches
    FROM (SELECT greatest(now(), ${plan.startsAt}::timestamptz) AS at) o
    LEFT JOIN decisions d ON d.tenant_id = ${tenant}
      AND d.starts_at > o.at - interval '1 hour' AND d.starts_at < o.at + interval '1 hour'`.execute(tx);
  const others = rows.flatMap(({ at, touches }) => (at === null || touches === null ? [] : [{ at, touches }]));
  const touched = touchedInBusiestHour({ at: rows[0]!.own, touches: touchedBy(plan) }, others);
  return brakeReason(touched, limitFor(settings, decidedBy));
}
