import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import type { TimelineEntry } from '#libs/process';
import { lateSteps, type Plan, type PlanStep } from '#libs/process/model';
import { findEffectiveDecision, isConfirmed, listActs, type StoredRequest } from '#libs/requests';

/** What lets a run begin: somebody's approval of its plan, or an order to lock out before there is one. */
export interface RunOrder {
  readonly at: Date;
  /** The database's clock, by which times that have passed are judged. */
  readonly now: Date;
  readonly line: TimelineEntry & { readonly data: Readonly<Record<string, unknown>> };
}

interface RequestOfPlan {
  readonly tenant: string;
  readonly requestId: string;
  readonly revision: number;
}

/** The decision on a plan, approval or rejection, that took effect; an approval also has its second person then. */
export async function decisionOn(tx: Transaction, ref: { tenant: string; requestId: string }, revision: number) {
  return findEffectiveDecision(tx, { ...ref, revision });
}

/** Null when our database knows no approval of exactly this plan. */
export async function approvalOf(tx: Transaction, task: RequestOfPlan, planHash: string): Promise<RunOrder | null> {
  const decision = await decisionOn(tx, task, task.revision);
  if (decision?.decision !== 'approve' || decision.plan_hash !== planHash) return null;
  const { decided_by: who, reason, confirmed_by: confirmedBy, now } = decision;
  const data = confirmedBy.length > 0 ? { reason, confirmedBy } : { reason };
  // an approval counts from the moment at which nothing was missing any more
  return { at: decision.effective_at!, now, line: { kind: 'approved', who, data } };
}

/** Null when nobody ordered a lock-out, or when the plan turned out to need a second person who is missing. */
export async function lockOutOf(tx: Transaction, plan: RequestOfPlan): Promise<RunOrder | null> {
  const { tenant, requestId } = plan;
  if (!(await isConfirmed(tx, plan))) return null;
  const act = await tx
    .selectFrom('acts')
    .selectAll()
    .select(sql<Date>`now()`.as('now'))
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .where('act', '=', 'lock_out')
    .orderBy('given_at')
    .limit(1)
    .executeTakeFirst();
  if (!act) return null;
  return {
    at: act.given_at,
    now: act.now,
    line: { kind: 'locked_out', who: act.given_by, data: { reason: act.reason, ...act.details } },
  };
}

/** A line for each act on the request from before there was a run. The lock-out that the run begins by has its own. */
export async function earlierActs(
  tx: Transaction,
  { tenant, requestId, lockOut }: { tenant: string; requestId: string; lockOut?: boolean },
): Promise<TimelineEntry[]> {
  const acts = await listActs(tx, tenant, requestId);
  return acts
    .filter(({ act }) => !(lockOut && act === 'lock_out'))
    .map(({ act, given_by: who, given_at: givenAt, reason, details }) => ({
      kind: `act_${act}`,
      who,
      data: { reason, ...details, givenAt },
    }));
}

/** Whether a run may begin by this plan: the request was not closed, called off or put off since the plan was presented. */
export function isUpForRun(request: Pick<StoredRequest, 'status' | 'plan_hash'>, planHash: string): boolean {
  return (request.status === 'awaiting_approval' || request.status === 'approved') && request.plan_hash === planHash;
}

/** When a step may begin (UTC). */
export function dueOf(plan: Plan, step: PlanStep): string {
  return step.notBefore ?? plan.startsAt;
}

/** When the first step may begin (epoch milliseconds). */
export function firstDueAt(plan: Plan): number {
  return Math.min(...plan.steps.map((step) => Date.parse(dueOf(plan, step))), Infinity);
}

/** A line for each step whose time had passed before it was approved. */
export function lateLines(plan: Plan, approvedAt: Date): TimelineEntry[] {
  const late = lateSteps(plan, approvedAt);
  return plan.steps
    .filter((step) => late.has(step.id))
    .map((step) => ({ kind: 'step_late', who: 'stellwerk', stepId: step.id, data: { due: dueOf(plan, step) } }));
}
