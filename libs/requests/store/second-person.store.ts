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
  readonly requestId: string;
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
  const { tenant, requestId, plan, decidedBy } = judged;
  const start = { tenant, requestId, startsAt: plan.startsAt, touches: touchedBy(plan), decidedBy };
  const brake = judged.beginsRun ? await judgeBrake(tx, start) : null;
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

/** A run that would begin to touch something. */
export interface BrakedStart {
  readonly tenant: string;
  readonly requestId: string;
  /** When (UTC), unless that is past: then now. */
  readonly startsAt: string;
  readonly touches: readonly string[];
  /** Null while nobody has decided. */
  readonly decidedBy: string | null;
}

/**
 * The brake's reason for one more start at this time, or null. Counted are approvals that took effect, by the time at which
 * their runs begin, lock-outs ahead of an approval, and lock-outs that were moved on their own; the request's own are not.
 */
export async function judgeBrake(tx: Transaction, start: BrakedStart): Promise<ConfirmationReason | null> {
  const { tenant, requestId, startsAt, decidedBy } = start;
  const settings = await readSettings(tx, tenant);
  const { rows } = await sql<{ own: number; at: number | null; touches: string[] | null }>`
    SELECT extract(epoch FROM o.at)::float8 * 1000 AS own, extract(epoch FROM t.at)::float8 * 1000 AS at, t.touches
    FROM (SELECT greatest(now(), ${startsAt}::timestamptz) AS at) o
    LEFT JOIN LATERAL (
      SELECT d.starts_at AS at, d.touches FROM decisions d
      WHERE d.tenant_id = ${tenant} AND d.request_id <> ${requestId}
        AND d.starts_at > o.at - interval '1 hour' AND d.starts_at < o.at + interval '1 hour'
      UNION ALL
      SELECT a.given_at, ARRAY['user:' || lower(r.subject)]
      FROM acts a JOIN requests r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
      WHERE a.tenant_id = ${tenant} AND a.act = 'lock_out' AND a.request_id <> ${requestId}
        AND a.given_at > o.at - interval '1 hour'
      UNION ALL
      SELECT l.at::timestamptz, ARRAY['user:' || lower(r.subject)]
      FROM (
        -- nothing is put off by more than 400 days, so an older act is over
        SELECT DISTINCT ON (a.request_id) a.request_id, a.details -> 'lockOutAt' AS times FROM acts a
        WHERE a.tenant_id = ${tenant} AND a.act = 'reschedule' AND a.request_id <> ${requestId}
          AND a.given_at > now() - interval '401 days' AND a.details -> 'lockOutAt' IS NOT NULL
        ORDER BY a.request_id, a.given_at DESC
      ) m
      JOIN requests r ON r.tenant_id = ${tenant} AND r.id = m.request_id
      CROSS JOIN LATERAL jsonb_array_elements_text(m.times) l (at)
      WHERE l.at::timestamptz > o.at - interval '1 hour' AND l.at::timestamptz < o.at + interval '1 hour'
    ) t ON true`.execute(tx);
  const others = rows.flatMap(({ at, touches }) => (at === null || touches === null ? [] : [{ at, touches }]));
  const touched = touchedInBusiestHour({ at: rows[0]!.own, touches: start.touches }, others);
  return brakeReason(touched, limitFor(settings, decidedBy));
}

/** The request's run begins at another time from now on (UTC), also for the brake. */
export async function moveStart(tx: Transaction, tenant: string, requestId: string, startsAt: string): Promise<void> {
  await tx
    .updateTable('decisions')
    .set({ starts_at: sql<Date>`greatest(now(), ${startsAt}::timestamptz)` })
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .where('starts_at', 'is not', null)
    .execute();
}
