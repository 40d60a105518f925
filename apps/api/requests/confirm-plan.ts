import { findRoundOfPlan, namesOfPerson, type VoteRow } from '#libs/approvals';
import { newId } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  approvalWait,
  DeciderCannotConfirm,
  insertConfirmation,
  judgeConfirmation,
  setApprovalWait,
  takeEffect,
  type ConfirmationReason,
  type PlanRef,
} from '#libs/requests';
import type { Writer } from '../access/caller.js';
import { asItStands, votesSoFar, type Decided } from './decide-plan.js';
import {
  decidable,
  effectOf,
  holdRequest,
  planRef,
  presentPlanOf,
  reasonsAtApproval,
  tellOfDecision,
  type HeldRequest,
} from './open-plan.js';

export interface GivenConfirmationDto {
  readonly planHash: string;
  readonly reason?: string | undefined;
}

interface Confirming {
  readonly confirmedBy: string;
  readonly reason: string | null;
}

/**
 * Takes a second person's confirmation of a plan, before or after its approval. Whichever comes second wakes the workflow,
 * in the transaction that puts it on record.
 */
export class ConfirmPlan {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `RequestNotFound`, `AccountProtected` and what `judgeConfirmation` throws. A repeat is answered again. */
  async execute(writer: Writer, requestId: string, given: GivenConfirmationDto): Promise<Decided> {
    const confirmedBy = writer.actor.subject;
    const outcome = await inTenants(this.database, [writer.tenant], async (tx) => {
      const held = await holdRequest(tx, writer, requestId);
      const { request, confirmations } = held;
      const plan = request.plan_revision > 0 ? await presentPlanOf(tx, request) : undefined;
      const decidedBy = waitingApproval(held)?.decidedBy ?? null;
      const alsoKnownAs = await namesOfPerson(tx, writer.tenant, [confirmedBy]);
      await refuseApprover(tx, planRef(request), [confirmedBy, ...alsoKnownAs]);
      const state = { reasons: plan?.confirmations ?? [], confirmations, decidedBy };
      const asked = { planHash: given.planHash, confirmedBy, alsoKnownAs };
      const verdict = judgeConfirmation(decidable(request), asked, state);
      return verdict === 'repeat'
        ? asItStands(held)
        : this.record(tx, held, { confirmedBy, reason: given.reason ?? null });
    });
    this.hint.give();
    return { id: requestId, ...outcome };
  }

  private async record(tx: Transaction, held: HeldRequest, given: Confirming): Promise<Omit<Decided, 'id'>> {
    const { request } = held;
    const { tenant_id: tenant, id } = request;
    const plan = await presentPlanOf(tx, request);
    const approval = waitingApproval(held);
    const reasons = approval
      ? await reasonsAtApproval(tx, held, plan, approval.decidedBy)
      : (plan.confirmations as readonly ConfirmationReason[]);
    const codes = reasons.map((reason) => reason.code);
    await insertConfirmation(tx, { ...planRef(request), planHash: plan.hash }, { id: newId(), ...given, codes });
    if (!approval) {
      const waitingFor = { ...approvalWait(false, []), ...votesSoFar(request) };
      await setApprovalWait(tx, tenant, id, waitingFor, false);
      return { status: 'awaiting_approval', waitingFor };
    }
    await takeEffect(tx, planRef(request), effectOf(held, plan));
    const status = await tellOfDecision(tx, request, approval);
    return { status, waitingFor: null };
  }
}

/** The approval of the present plan that waits for its second person. */
function waitingApproval({ request, recorded }: HeldRequest): HeldRequest['recorded'][number] | undefined {
  return recorded.find((decision) => decision.revision === request.plan_revision && !decision.isEffective);
}

/** Of several who approve, the one whose vote completes it decides; the others are no second persons either. */
async function refuseApprover(tx: Transaction, plan: PlanRef, names: readonly string[]): Promise<void> {
  const round = await findRoundOfPlan(tx, plan);
  const isOwn = ({ verdict, voter, on_behalf_of: principal }: VoteRow): boolean =>
    verdict === 'approve' &&
    [voter, principal].some((one) => names.some((name) => one?.toLowerCase() === name.toLowerCase()));
  if (round?.votes.some(isOwn))
    throw new DeciderCannotConfirm('You approved this yourself. A second person has to confirm it.');
}
