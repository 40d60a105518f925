import { sql } from 'kysely';
import { closeRound, findRound, hasAddresses, originOf, refOf, scheduleOf, type Round } from '#libs/approvals';
import { approvalReminded, approvalRoundEscalated } from '#libs/events';
import { newId } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { appendTimeline, readRun } from '#libs/process';
import { insertDecision, lockRequest, tellDecision } from '#libs/requests';
import type { ApprovalLook, ApprovalRecords, ApprovalRef } from '../../../workflows/support/activities.js';

const EXPIRED = 'Nobody decided in time.';

/** Commits what time brings to a question to approvers. Each method is one transaction that changes nothing when repeated. */
export class ApprovalRecordsOnDatabase implements ApprovalRecords {
  constructor(private readonly database: Database) {}

  lookAtApproval(ref: ApprovalRef): Promise<ApprovalLook> {
    return this.write(ref, async (tx) => {
      const { row, policy } = await readRound(tx, ref);
      const schedule = scheduleOf(policy, row.opened_at.getTime(), row.expires_at?.getTime() ?? null);
      const asksByMail = await hasAddresses(tx, ref.tenant, policy);
      return { isOpen: row.status === 'open', stage: row.stage, asksByMail, schedule };
    });
  }

  recordReminder({ number, ...ref }: ApprovalRef & { readonly number: number }): Promise<boolean> {
    return this.write(ref, async (tx) => {
      const change = { reminders: number };
      if (!(await this.change(tx, ref, change, sql<boolean>`reminders < ${number}`))) return this.isOpen(tx, ref);
      const { approvalId } = ref;
      await appendEvent(tx, approvalReminded, await this.origin(tx, ref), { approvalId, number });
      return true;
    });
  }

  escalateRound(ref: ApprovalRef): Promise<boolean> {
    return this.write(ref, async (tx) => {
      const change = { escalated_at: sql<Date>`now()` };
      if (!(await this.change(tx, ref, change, sql<boolean>`escalated_at IS NULL`))) return this.isOpen(tx, ref);
      await this.tellEscalated(tx, ref, false);
      return true;
    });
  }

  expireRound(ref: ApprovalRef): Promise<boolean> {
    return this.write(ref, async (tx) => {
      const round = await readRound(tx, ref);
      if (round.policy.expiry?.outcome === 'reject') {
        await rejectExpired(tx, round);
        return false;
      }
      const change = { expired_at: sql<Date>`now()`, escalated_at: sql<Date>`coalesce(escalated_at, now())` };
      if (!(await this.change(tx, ref, change, sql<boolean>`expired_at IS NULL`))) return this.isOpen(tx, ref);
      await this.tellEscalated(tx, ref, true);
      return true;
    });
  }

  private async tellEscalated(tx: Transaction, ref: ApprovalRef, expired: boolean): Promise<void> {
    const { tenant, approvalId } = ref;
    const { row } = await readRound(tx, ref);
    await appendEvent(tx, approvalRoundEscalated, originOf(tenant, approvalId, row.request_id), {
      approvalId,
      expired,
    });
    await appendAudit(tx, tenant, {
      action: 'approval.escalated',
      actor: ENGINE,
      object: { kind: 'approval', id: approvalId },
      request: row.request_id,
      after: { expired },
    });
  }

  /** Changes an open round where `condition` holds. Gives whether it did. */
  private async change(
    tx: Transaction,
    { tenant, approvalId }: ApprovalRef,
    set: Partial<Record<'reminders', number> & Record<'escalated_at' | 'expired_at', ReturnType<typeof sql<Date>>>>,
    condition: ReturnType<typeof sql<boolean>>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('approval_rounds')
      .set(set)
      .where('tenant_id', '=', tenant)
      .where('id', '=', approvalId)
      .where('status', '=', 'open')
      .where(condition)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** What was put on record already is told all the same: the try before may have ended in between. */
  private async isOpen(tx: Transaction, ref: ApprovalRef): Promise<boolean> {
    return (await readRound(tx, ref)).row.status === 'open';
  }

  private async origin(tx: Transaction, ref: ApprovalRef) {
    return originOf(ref.tenant, ref.approvalId, (await readRound(tx, ref)).row.request_id);
  }

  private write<T>({ tenant }: ApprovalRef, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTenants(this.database, [tenant], work);
  }
}

/** Workflows only exist for rounds that were committed. */
async function readRound(tx: Transaction, { tenant, approvalId }: ApprovalRef): Promise<Round> {
  return (await findRound(tx, tenant, approvalId))!;
}

/** Rejects in nobody's name, as a person would: the request's row is held, and the first who ends the question wins. */
async function rejectExpired(tx: Transaction, { row }: Round): Promise<void> {
  const { tenant_id: tenant, request_id: requestId, subject_revision: revision, subject_hash: planHash } = row;
  if (row.subject_kind !== 'plan' || requestId === null) {
    await closeRound(tx, refOf({ row }), 'rejected');
    return;
  }
  const request = await lockRequest(tx, { tenant, requestId });
  const isUp = request.status === 'awaiting_approval' && request.plan_revision === revision;
  if (!isUp || !(await closeRound(tx, refOf({ row }), 'rejected'))) return;
  const decision = {
    tenant,
    requestId,
    revision,
    planHash,
    id: newId(),
    decision: 'reject',
    decidedBy: ENGINE,
  } as const;
  await insertDecision(tx, { ...decision, reason: EXPIRED, effect: { startsAt: null, touches: [] } });
  const run = request.run_id === null ? null : await readRun(tx, tenant, request.run_id);
  await tellDecision(tx, request, decision, run && { hasStarted: run.started_at !== null });
  if (run) {
    const data = { decision: 'reject', revision, planHash, reason: EXPIRED };
    await appendTimeline(tx, tenant, run.id, [{ kind: 'decision_given', who: ENGINE, data }]);
  }
}
