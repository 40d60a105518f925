import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { RecordedDecision } from '../model/decision.model.js';
import {
  missingReasons,
  type ConfirmablePlan,
  type ConfirmationReason,
  type GivenConfirmation,
} from '../model/second-person.model.js';
import { refusedForTenant } from './tenant-refusal.js';

export type PlanRow = Row<'plans'>;
export type DecisionRow = Row<'decisions'>;
export type ConfirmationRow = Row<'confirmations'>;

/** Names one plan of a request. */
export interface PlanRef {
  readonly tenant: string;
  readonly requestId: string;
  readonly revision: number;
}

/** A request's plan of one revision. */
export function findPlan(
  tx: Transaction,
  tenant: string,
  requestId: string,
  revision: number,
): Promise<PlanRow | undefined> {
  return tx
    .selectFrom('plans')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .where('revision', '=', revision)
    .executeTakeFirst();
}

/** Every decision on a request's plans, the first revision first; also approvals that wait or were superseded. */
export function listDecisions(tx: Transaction, tenant: string, requestId: string): Promise<DecisionRow[]> {
  return tx
    .selectFrom('decisions')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .orderBy('revision')
    .orderBy('decided_at')
    .execute();
}

/** Every confirmation of a request's plans, the first first. */
export function listConfirmations(tx: Transaction, tenant: string, requestId: string): Promise<ConfirmationRow[]> {
  return tx
    .selectFrom('confirmations')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .orderBy('confirmed_at')
    .execute();
}

/** A decision that took effect, with the second persons who confirmed its plan and the database's clock. */
export interface EffectiveDecision extends DecisionRow {
  readonly confirmed_by: readonly string[];
  readonly now: Date;
}

const CONFIRMED_BY = sql<string[]>`ARRAY(
  SELECT DISTINCT c.confirmed_by FROM confirmations c
  WHERE c.tenant_id = p.tenant_id AND c.request_id = p.request_id AND c.revision = p.revision AND c.plan_hash = p.hash)`.as(
  'confirmed_by',
);

/**
 * The decision on a plan that took effect, or undefined: also when our rows do not have the confirmation that its plan
 * needs, whatever the decision's own row says.
 */
export async function findEffectiveDecision(tx: Transaction, plan: PlanRef): Promise<EffectiveDecision | undefined> {
  return tx
    .selectFrom('decisions as d')
    .innerJoin('plans as p', (join) =>
      join
        .onRef('p.tenant_id', '=', 'd.tenant_id')
        .onRef('p.request_id', '=', 'd.request_id')
        .onRef('p.revision', '=', 'd.revision'),
    )
    .selectAll('d')
    .select([sql<Date>`now()`.as('now'), CONFIRMED_BY])
    .where('d.tenant_id', '=', plan.tenant)
    .where('d.request_id', '=', plan.requestId)
    .where('d.revision', '=', plan.revision)
    .where('d.effective_at', 'is not', null)
    .where(
      sql<boolean>`(d.decision = 'reject' OR NOT EXISTS (
        SELECT FROM jsonb_array_elements(p.confirmations) needed WHERE NOT EXISTS (
          SELECT FROM confirmations c
          WHERE c.tenant_id = p.tenant_id AND c.request_id = p.request_id AND c.revision = p.revision AND c.plan_hash = p.hash
            AND lower(c.confirmed_by) <> lower(d.decided_by) AND needed ->> 'code' = ANY (c.codes))))`,
    )
    .executeTakeFirst();
}

/** Whether somebody has confirmed every reason that a plan needs a second person for; true where it needs none. */
export async function isConfirmed(tx: Transaction, { tenant, requestId, revision }: PlanRef): Promise<boolean> {
  const plan = await findPlan(tx, tenant, requestId, revision);
  if (!plan || plan.confirmations.length === 0) return true;
  const given = (await listConfirmations(tx, tenant, requestId)).map(toGivenConfirmation);
  return missingReasons(plan.confirmations, given, { planHash: plan.hash, decidedBy: null }).length === 0;
}

/** A decision as it is put on record. `effect` is null while a second person is missing. */
export interface NewDecision extends Omit<RecordedDecision, 'isEffective'> {
  readonly tenant: string;
  readonly requestId: string;
  readonly id: string;
  readonly reason: string | null;
  readonly effect: DecisionEffect | null;
}

/** What a decision begins with its taking effect; null parts: it begins nothing that the brake counts. */
export interface DecisionEffect {
  /** When what it is about is touched first (UTC), unless that is past already: then now. */
  readonly startsAt: string | null;
  readonly touches: readonly string[];
}

/** Puts a decision on record. One per revision that is not superseded: the row of the request is held while deciding. */
export async function insertDecision(tx: Transaction, decision: NewDecision): Promise<void> {
  const effect = decision.effect ? effectColumns(decision.effect) : { effective_at: null };
  await tx
    .insertInto('decisions')
    .values({
      tenant_id: decision.tenant,
      request_id: decision.requestId,
      id: decision.id,
      revision: decision.revision,
      plan_hash: decision.planHash,
      decision: decision.decision,
      decided_by: decision.decidedBy,
      reason: decision.reason,
      ...effect,
    })
    .execute()
    .catch(refusedForTenant(decision.tenant));
  const { tenant, requestId, revision, planHash } = decision;
  await appendAudit(tx, tenant, {
    action: decision.decision === 'approve' ? 'plan.approved' : 'plan.rejected',
    ...{ actor: decision.decidedBy, reason: decision.reason },
    ...planObject({ tenant, requestId, revision }),
    after: { decision: decision.id, planHash, takesEffect: decision.effect !== null },
  });
}

/** A plan as the audit names it. */
function planObject({ requestId, revision }: PlanRef) {
  return { object: { kind: 'plan', id: `${requestId}/${revision}` }, request: requestId };
}

/** The approval of a plan takes effect: its second person has confirmed. Throws `TenantNotLive`. */
export async function takeEffect(tx: Transaction, plan: PlanRef, effect: DecisionEffect): Promise<void> {
  await tx
    .updateTable('decisions')
    .set(effectColumns(effect))
    .where('tenant_id', '=', plan.tenant)
    .where('request_id', '=', plan.requestId)
    .where('revision', '=', plan.revision)
    .where('superseded_at', 'is', null)
    .execute()
    .catch(refusedForTenant(plan.tenant));
}

/** The approval that waits for its second person counts no more: somebody rejects the plan. */
export async function supersedeApproval(tx: Transaction, plan: PlanRef): Promise<void> {
  await tx
    .updateTable('decisions')
    .set({ superseded_at: sql<Date>`now()` })
    .where('tenant_id', '=', plan.tenant)
    .where('request_id', '=', plan.requestId)
    .where('revision', '=', plan.revision)
    .where('effective_at', 'is', null)
    .where('superseded_at', 'is', null)
    .execute();
}

function effectColumns({ startsAt, touches }: DecisionEffect) {
  return {
    effective_at: sql<Date>`now()`,
    starts_at: startsAt === null ? null : sql<Date>`greatest(now(), ${startsAt}::timestamptz)`,
    touches: [...touches],
  };
}

/** Puts a second person's confirmation on record. */
export async function insertConfirmation(
  tx: Transaction,
  plan: PlanRef & { readonly planHash: string },
  given: { id: string; confirmedBy: string; reason: string | null; codes: readonly string[] },
): Promise<void> {
  await tx
    .insertInto('confirmations')
    .values({
      tenant_id: plan.tenant,
      request_id: plan.requestId,
      revision: plan.revision,
      id: given.id,
      plan_hash: plan.planHash,
      confirmed_by: given.confirmedBy,
      reason: given.reason,
      codes: [...given.codes],
    })
    .execute();
  await appendAudit(tx, plan.tenant, {
    ...{ action: 'plan.confirmed', actor: given.confirmedBy, reason: given.reason },
    ...planObject(plan),
    after: { confirmation: given.id, planHash: plan.planHash, codes: given.codes },
  });
}

/** Keeps why a plan needs a second person, when that grew since it was presented. */
export async function setReasons(
  tx: Transaction,
  plan: PlanRef,
  reasons: readonly ConfirmationReason[],
): Promise<void> {
  await tx
    .updateTable('plans')
    .set({ confirmations: json(reasons) })
    .where('tenant_id', '=', plan.tenant)
    .where('request_id', '=', plan.requestId)
    .where('revision', '=', plan.revision)
    .execute();
}

export function toRecordedDecision(row: DecisionRow): RecordedDecision {
  return {
    revision: row.revision,
    planHash: row.plan_hash,
    decision: row.decision,
    decidedBy: row.decided_by,
    isEffective: row.effective_at !== null,
  };
}

export function toGivenConfirmation(row: ConfirmationRow): GivenConfirmation {
  return { planHash: row.plan_hash, confirmedBy: row.confirmed_by, codes: row.codes };
}

/** What of a stored plan tells whether it needs a second person. */
export function confirmablePlan(row: PlanRow): ConfirmablePlan {
  return row.plan as ConfirmablePlan;
}
