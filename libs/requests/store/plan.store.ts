import { type Row, type Transaction } from '#libs/platform/database';
import type { RecordedDecision } from '../model/decision.model.js';

export type PlanRow = Row<'plans'>;
export type DecisionRow = Row<'decisions'>;

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

/** Every decision on a request's plans, the first revision first. */
export function listDecisions(tx: Transaction, tenant: string, requestId: string): Promise<DecisionRow[]> {
  return tx
    .selectFrom('decisions')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .orderBy('revision')
    .execute();
}

/** Puts a decision on record. One per revision: the row of the request is held while deciding. */
export async function insertDecision(
  tx: Transaction,
  decision: RecordedDecision & {
    readonly tenant: string;
    readonly requestId: string;
    readonly id: string;
    readonly reason: string | null;
  },
): Promise<void> {
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
    })
    .execute();
}

export function toRecordedDecision(row: DecisionRow): RecordedDecision {
  return { revision: row.revision, planHash: row.plan_hash, decision: row.decision, decidedBy: row.decided_by };
}
