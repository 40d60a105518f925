import { planApproved, planRejected } from '#libs/events';
import { newId } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import { appendTimeline, findRun } from '#libs/process';
import {
  findRequest,
  findRequestLocked,
  insertDecision,
  judgeDecision,
  listDecisions,
  requestNotFound,
  setDecidedStatus,
  statusAfterDecision,
  toRecordedDecision,
  type AskedDecision,
  type RequestStatus,
  type StoredRequest,
  type Verdict,
} from '#libs/requests';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';

export interface GivenDecision {
  readonly decision: Verdict;
  readonly planHash: string;
  readonly reason?: string | undefined;
}

interface Answer {
  readonly id: string;
  readonly status: RequestStatus;
}

/**
 * Takes a person's decision on a plan. It is final once it is answered: decision, the request's status and the event
 * that wakes the workflow commit together, also while the engine is down (design, rule 2).
 */
export class DecidePlan {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `RequestNotFound` and what `judgeDecision` throws. A decision repeated by the same person is answered again. */
  async execute({ actor, tenant }: Writer, requestId: string, given: GivenDecision): Promise<Answer> {
    const asked = { decision: given.decision, planHash: given.planHash, decidedBy: actor.subject };
    const answer = await inTenants(this.database, [tenant], async (tx) => {
      const request = await findRequestLocked(tx, tenant, requestId);
      if (!request) throw requestNotFound(requestId);
      const recorded = (await listDecisions(tx, tenant, requestId)).map(toRecordedDecision);
      const verdict = judgeDecision(decidable(request), asked, recorded);
      const status =
        verdict === 'record'
          ? await this.record(tx, request, asked, given.reason ?? null)
          : (request.status as RequestStatus);
      return { id: requestId, status };
    });
    this.hint.give();
    return answer;
  }

  private async record(
    tx: Transaction,
    request: StoredRequest,
    asked: AskedDecision,
    reason: string | null,
  ): Promise<RequestStatus> {
    const { tenant_id: tenant, id: requestId, plan_revision: revision, run_id: runId } = request;
    const run = runId === null ? undefined : await findRun(tx, [tenant], runId);
    const status = statusAfterDecision(asked.decision, run ? { hasStarted: run.started_at !== null } : null);
    const id = newId();
    await insertDecision(tx, { ...asked, tenant, requestId, id, revision, reason });
    await setDecidedStatus(tx, tenant, requestId, status);
    const event = asked.decision === 'approve' ? planApproved : planRejected;
    const origin = {
      tenant,
      aggregate: `request/${requestId}`,
      correlationId: requestId,
      causationId: id,
      // the reconciler looks for the decision's event under the decision's id
      id,
      at: new Date(),
    };
    const { decision, planHash, decidedBy } = asked;
    await appendEvent(tx, event, origin, { requestId, decisionId: id, revision, planHash, decidedBy, reason });
    if (run) {
      const data = { decision, revision, planHash, reason };
      await appendTimeline(tx, tenant, run.id, [{ kind: 'decision_given', who: decidedBy, data }]);
    }
    return status;
  }
}

/** Whose a request is. Throws `RequestNotFound`. */
export const tenantOfRequest: FindTenant = async (tx, tenants, id) => {
  const request = await findRequest(tx, tenants, id);
  if (!request) throw requestNotFound(id);
  return request.tenant_id;
};

function decidable(request: StoredRequest) {
  return {
    tenant: request.tenant_id,
    status: request.status,
    subject: request.subject,
    requestedBy: request.requested_by,
    revision: request.plan_revision,
    planHash: request.plan_hash,
  };
}
