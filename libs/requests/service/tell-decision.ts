import { planApprovedV2, planRejectedV2 } from '#libs/events';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { statusAfterDecision, type Verdict } from '../model/decision.model.js';
import type { RequestStatus } from '../model/request-status.model.js';
import { setDecidedStatus, type StoredRequest } from '../store/request.store.js';

/**
 * A decision on the present plan takes effect: the workflow is told by an event of the decision's id, under which the
 * reconciler looks for it, and the request goes on. `run` is the one that the plan changes, if there is one. Gives the
 * request's next status.
 */
export async function tellDecision(
  tx: Transaction,
  request: StoredRequest,
  { id: decisionId, decision }: { readonly id: string; readonly decision: Verdict },
  run: { readonly hasStarted: boolean } | null,
): Promise<RequestStatus> {
  const { tenant_id: tenant, id: requestId, plan_revision: revision } = request;
  const aggregate = `request/${requestId}`;
  const origin = { tenant, aggregate, correlationId: requestId, causationId: decisionId, id: decisionId };
  const event = decision === 'approve' ? planApprovedV2 : planRejectedV2;
  await appendEvent(tx, event, origin, { requestId, decisionId, revision, planHash: request.plan_hash! });
  const status = statusAfterDecision(decision, run);
  await setDecidedStatus(tx, tenant, requestId, status);
  return status;
}
