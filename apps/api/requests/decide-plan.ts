import { newId } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  approvalWait,
  findShownRequest,
  insertDecision,
  judgeDecision,
  missingReasons,
  requestNotFound,
  setApprovalWait,
  setDecidedStatus,
  supersedeApproval,
  type ApprovalWait,
  type AskedDecision,
  type RequestStatus,
  type Verdict,
} from '#libs/requests';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import {
  decidable,
  effectOf,
  holdRequest,
  planRef,
  presentPlanOf,
  reasonsAtApproval,
  tellDecision,
  type HeldRequest,
} from './open-plan.js';

export interface GivenDecision {
  readonly decision: Verdict;
  readonly planHash: string;
  readonly reason?: string | undefined;
}

/** Where a request stands after a decision or a confirmation. */
export interface Decided {
  readonly id: string;
  readonly status: RequestStatus;
  /** Set while something is missing for the approval to take effect. */
  readonly waitingFor: ApprovalWait | null;
}

type Outcome = Pick<Decided, 'status' | 'waitingFor'>;

/**
 * Takes a person's decision on a plan. It is final once it is answered: decision, the request's status and the event
 * that wakes the workflow commit together, also while the engine is down (design, rule 2). An approval that needs a second
 * person is put on record and takes effect, with its event, when that person confirms.
 */
export class DecidePlan {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws `RequestNotFound`, `AccountProtected` and what `judgeDecision` throws. A decision repeated by the same person is
   * answered again.
   */
  async execute(writer: Writer, requestId: string, given: GivenDecision): Promise<Decided> {
    const asked = { decision: given.decision, planHash: given.planHash, decidedBy: writer.actor.subject };
    const outcome = await inTenants(this.database, [writer.tenant], async (tx) => {
      const held = await holdRequest(tx, writer, requestId);
      const verdict = judgeDecision(decidable(held.request), asked, held.recorded, held.confirmations);
      if (verdict === 'repeat') return asItStands(held);
      if (verdict === 'supersede') await supersedeApproval(tx, planRef(held.request));
      return this.record(tx, held, asked, given.reason ?? null);
    });
    this.hint.give();
    return { id: requestId, ...outcome };
  }

  private async record(
    tx: Transaction,
    held: HeldRequest,
    asked: AskedDecision,
    reason: string | null,
  ): Promise<Outcome> {
    const { request } = held;
    const decision = { ...asked, ...planRef(request), id: newId(), reason };
    if (asked.decision === 'approve') {
      const plan = await presentPlanOf(tx, request);
      const reasons = await reasonsAtApproval(tx, held, plan, asked.decidedBy);
      const missing = missingReasons(reasons, held.confirmations, asked);
      if (missing.length > 0) {
        const waitingFor = approvalWait(true, missing);
        await insertDecision(tx, { ...decision, effect: null });
        await setApprovalWait(tx, request.tenant_id, request.id, waitingFor, true);
        return { status: 'awaiting_approval', waitingFor };
      }
      await insertDecision(tx, { ...decision, effect: effectOf(held, plan) });
    } else {
      await insertDecision(tx, { ...decision, effect: { startsAt: null, touches: [] } });
    }
    const status = await tellDecision(tx, request, decision);
    await setDecidedStatus(tx, request.tenant_id, request.id, status);
    return { status, waitingFor: null };
  }
}

/** The answer to a repeat. */
export function asItStands({ request }: HeldRequest): Outcome {
  const isOpen = request.status === 'awaiting_approval';
  return {
    status: request.status as RequestStatus,
    waitingFor: isOpen ? (request.waiting_for as ApprovalWait | null) : null,
  };
}

/** Whose a request is. Throws `RequestNotFound`. */
export const tenantOfRequest: FindTenant = async (tx, tenants, id, reader) => {
  const request = await findShownRequest(tx, reader, tenants, id);
  if (!request) throw requestNotFound(id);
  return request.tenant_id;
};
