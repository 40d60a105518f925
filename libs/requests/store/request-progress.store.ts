import { sql } from 'kysely';
import { planPresented, requestClosed, requestRefused } from '#libs/events';
import type { Problem } from '#libs/kernel';
import { json, type Transaction } from '#libs/platform/database';
import { appendEvent, type EventOrigin } from '#libs/platform/outbox';
import { RequestNotFound } from '../model/request.errors.js';
import { approvalWait, type ConfirmablePlan } from '../model/second-person.model.js';
import { findPlan } from './plan.store.js';
import { findRequest, findRequestLocked, type StoredRequest } from './request.store.js';
import { findReasons } from './second-person.store.js';

interface Ref {
  readonly tenant: string;
  readonly requestId: string;
}

function originOf(ref: Ref): EventOrigin {
  return {
    tenant: ref.tenant,
    aggregate: `request/${ref.requestId}`,
    correlationId: ref.requestId,
    causationId: null,
  };
}

/** The request; workflows only exist for requests that were committed. */
export async function readRequest(tx: Transaction, ref: Ref): Promise<StoredRequest> {
  return (await findRequest(tx, [ref.tenant], ref.requestId)) ?? missing(ref);
}

/** The request, locked until the transaction ends. */
export async function lockRequest(tx: Transaction, ref: Ref): Promise<StoredRequest> {
  return (await findRequestLocked(tx, ref.tenant, ref.requestId)) ?? missing(ref);
}

function missing(ref: Ref): never {
  throw new RequestNotFound(`There is no request ${ref.requestId}.`);
}

export interface StoredPlan<Plan> {
  readonly revision: number;
  readonly hash: string;
  readonly plan: Plan;
}

export async function readPlan<Plan>(tx: Transaction, ref: Ref, revision: number): Promise<StoredPlan<Plan> | null> {
  const row = await findPlan(tx, ref.tenant, ref.requestId, revision);
  return row ? { revision: row.revision, hash: row.hash, plan: row.plan as Plan } : null;
}

/**
 * Stores a plan with the reasons that it needs a second person for, makes it the one that waits for approval and tells so.
 * `drift` says why an earlier approval is not enough. Throws `AccountProtected` when a first plan is about an account that
 * processes may not touch.
 */
export async function presentPlan(
  tx: Transaction,
  ref: Ref,
  plan: { revision: number; hash: string; plan: unknown; drift: unknown },
): Promise<void> {
  const { tenant, requestId } = ref;
  const judged = { tenant, requestId, plan: plan.plan as ConfirmablePlan, decidedBy: null };
  const reasons = await findReasons(tx, { ...judged, beginsRun: plan.drift === null });
  await tx
    .insertInto('plans')
    .values({
      tenant_id: ref.tenant,
      request_id: ref.requestId,
      revision: plan.revision,
      hash: plan.hash,
      plan: json(plan.plan),
      drift: plan.drift ? json(plan.drift) : null,
      confirmations: json(reasons),
    })
    .execute();
  await tx
    .updateTable('requests')
    .set({
      status: 'awaiting_approval',
      plan_revision: plan.revision,
      plan_hash: plan.hash,
      waiting_for: json(approvalWait(false, reasons)),
      ...(reasons.length > 0 ? { needs_second_person: true } : {}),
      updated_at: sql<Date>`now()`,
    })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .execute();
  await appendEvent(tx, planPresented, originOf(ref), {
    requestId: ref.requestId,
    revision: plan.revision,
    planHash: plan.hash,
  });
}

/** Ends a request without a run, e.g. one that cannot be planned. Gives whether this call did. */
export async function refuseRequest(tx: Transaction, ref: Ref, problem: Problem): Promise<boolean> {
  const changed = await tx
    .updateTable('requests')
    .set({ status: 'refused', problem: json(problem), waiting_for: null, stalled: null, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .where('status', 'in', ['planning', 'awaiting_approval', 'approved'])
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await appendEvent(tx, requestRefused, originOf(ref), { requestId: ref.requestId, code: problem.code });
  return true;
}

/** What a request that is being planned waits for. */
export async function setRequestWait(tx: Transaction, ref: Ref, wait: unknown): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ waiting_for: wait ? json(wait) : null, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .execute();
}

export async function attachRun(tx: Transaction, ref: Ref, runId: string): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ run_id: runId, waiting_for: null, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .execute();
}

/** Follows the run's status, unless the request waits for an approval or is done. */
export async function followRun(tx: Transaction, ref: Ref, status: 'approved' | 'running'): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ status, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .where('status', 'in', ['approved', 'running'])
    .where('status', '<>', status)
    .execute();
}

/** Closes a request after its run ended. Gives whether this call did. */
export async function closeRequest(
  tx: Transaction,
  ref: Ref,
  runId: string,
  outcome: string,
  problem: Problem | null,
): Promise<boolean> {
  const changed = await tx
    .updateTable('requests')
    .set({
      status: 'closed',
      waiting_for: null,
      stalled: null,
      problem: problem && json(problem),
      updated_at: sql<Date>`now()`,
    })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .where('status', 'in', ['awaiting_approval', 'approved', 'running'])
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await appendEvent(tx, requestClosed, originOf(ref), { requestId: ref.requestId, runId, outcome });
  return true;
}

/** Shows that a request's workflow does not move, or that it moves again. Gives whether that changed. */
export async function setStalled(
  tx: Transaction,
  ref: Ref,
  stalled: { error: string; since: string } | null,
): Promise<boolean> {
  const changed = await tx
    .updateTable('requests')
    .set({ stalled: stalled && json(stalled), updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', ref.tenant)
    .where('id', '=', ref.requestId)
    .where('stalled', stalled ? 'is' : 'is not', null)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}
