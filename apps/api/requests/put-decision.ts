import { newId } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import { approvalWait, insertDecision, missingReasons, setApprovalWait, type AskedDecision } from '#libs/requests';
import type { Outcome } from './decide-plan.js';
import { effectOf, planRef, presentPlanOf, reasonsAtApproval, tellOfDecision, type HeldRequest } from './open-plan.js';

/**
 * Puts the decision on a plan on record: it takes effect, unless it is an approval that needs a second person who has not
 * confirmed yet. Throws `AccountProtected`.
 */
export async function putDecision(
  tx: Transaction,
  held: HeldRequest,
  asked: AskedDecision,
  reason: string | null,
): Promise<Outcome> {
  const { request } = held;
  const decision = { ...asked, ...planRef(request), id: newId(), reason };
  if (asked.decision === 'reject') {
    await insertDecision(tx, { ...decision, effect: { startsAt: null, touches: [] } });
    return { status: await tellOfDecision(tx, request, decision), waitingFor: null };
  }
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
  return { status: await tellOfDecision(tx, request, decision), waitingFor: null };
}
