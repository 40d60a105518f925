import { readerOf } from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import { appendTimeline, findRun } from '#libs/process';
import {
  confirmablePlan,
  findPlan,
  findReasons,
  findRequestLocked,
  findShownRequest,
  holdBrake,
  listConfirmations,
  listDecisions,
  requestNotFound,
  setReasons,
  tellDecision,
  toGivenConfirmation,
  toRecordedDecision,
  touchedBy,
  withoutRepeats,
  type ConfirmationReason,
  type Decidable,
  type DecisionEffect,
  type GivenConfirmation,
  type PlanRef,
  type PlanRow,
  type RecordedDecision,
  type RequestStatus,
  type StoredRequest,
  type Verdict,
} from '#libs/requests';
import type { Writer } from '../access/caller.js';

/** A request that is held while somebody decides on its plan or confirms it. */
export interface HeldRequest {
  readonly request: StoredRequest;
  /** Decisions that nobody has superseded. */
  readonly recorded: readonly (RecordedDecision & { readonly id: string; readonly reason: string | null })[];
  readonly confirmations: readonly GivenConfirmation[];
}

/** Holds the request until the transaction ends. Throws `RequestNotFound`, also when it is not shown to the writer. */
export async function holdRequest(tx: Transaction, { actor, tenant }: Writer, id: string): Promise<HeldRequest> {
  const held = await holdAnyRequest(tx, tenant, id);
  const isOpen = held.request.confidential_until === null;
  if (!(isOpen || (await findShownRequest(tx, readerOf(actor), [tenant], id)))) throw requestNotFound(id);
  return held;
}

/** The same for whoever the request was shown to by a link. Throws `RequestNotFound`. */
export async function holdAnyRequest(tx: Transaction, tenant: string, id: string): Promise<HeldRequest> {
  const request = await findRequestLocked(tx, tenant, id);
  if (!request) throw requestNotFound(id);
  const decisions = await listDecisions(tx, tenant, id);
  const recorded = decisions
    .filter((row) => row.superseded_at === null)
    .map((row) => ({ ...toRecordedDecision(row), id: row.id, reason: row.reason }));
  const confirmations = request.needs_second_person ? await listConfirmations(tx, tenant, id) : [];
  return { request, recorded, confirmations: confirmations.map(toGivenConfirmation) };
}

export function decidable(request: StoredRequest): Decidable {
  return {
    tenant: request.tenant_id,
    status: request.status,
    subject: request.subject,
    requestedBy: request.requested_by,
    revision: request.plan_revision,
    planHash: request.plan_hash,
  };
}

/** The present plan of a request that is up for approval. */
export async function presentPlanOf(tx: Transaction, request: StoredRequest): Promise<PlanRow> {
  const plan = await findPlan(tx, request.tenant_id, request.id, request.plan_revision);
  return plan!;
}

export function planRef(request: StoredRequest): PlanRef {
  return { tenant: request.tenant_id, requestId: request.id, revision: request.plan_revision };
}

/**
 * Every reason that a plan needs a second person for, as things stand at its approval; kept with the plan when they grew.
 * From here to the end of the transaction no other decision of the customer is counted. Throws `AccountProtected`.
 */
export async function reasonsAtApproval(
  tx: Transaction,
  held: HeldRequest,
  plan: PlanRow,
  decidedBy: string,
): Promise<ConfirmationReason[]> {
  const { request } = held;
  const { tenant_id: tenant, id: requestId } = request;
  await holdBrake(tx, tenant);
  const judged = { tenant, requestId, plan: confirmablePlan(plan), decidedBy, beginsRun: isFirstApproval(held) };
  const found = await findReasons(tx, judged);
  const reasons = withoutRepeats([...plan.confirmations, ...found]);
  if (found.length > 0) await setReasons(tx, planRef(request), reasons);
  return reasons;
}

/** What an approval begins: the difference of a run that was approved before touches nothing new. */
export function effectOf(held: HeldRequest, plan: PlanRow): DecisionEffect {
  if (!isFirstApproval(held)) return { startsAt: null, touches: [] };
  const content = confirmablePlan(plan);
  return { startsAt: content.startsAt, touches: touchedBy(content) };
}

function isFirstApproval({ recorded }: HeldRequest): boolean {
  return !recorded.some((decision) => decision.isEffective && decision.decision === 'approve');
}

/** The decision that takes effect. */
interface Effective {
  readonly id: string;
  readonly decision: Verdict;
  readonly decidedBy: string;
  readonly reason: string | null;
}

/** Tells the workflow and the run's history of a decision that takes effect. Gives the request's next status. */
export async function tellOfDecision(
  tx: Transaction,
  request: StoredRequest,
  effective: Effective,
): Promise<RequestStatus> {
  const { decision, decidedBy, reason } = effective;
  const { tenant_id: tenant, plan_revision: revision, plan_hash: planHash, run_id: runId } = request;
  const run = runId === null ? undefined : await findRun(tx, [tenant], runId);
  const status = await tellDecision(tx, request, effective, run ? { hasStarted: run.started_at !== null } : null);
  if (run) {
    const data = { decision, revision, planHash, reason };
    await appendTimeline(tx, tenant, run.id, [{ kind: 'decision_given', who: decidedBy, data }]);
  }
  return status;
}
