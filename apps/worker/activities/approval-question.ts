import { closeRounds, openRound } from '#libs/approvals';
import type { Transaction } from '#libs/platform/database';
import type { Plan } from '#libs/process/model';
import type { RequestRef } from '../../../workflows/support/activities.js';

const KIND = 'plan';

/** Puts a presented plan to its approvers, in the transaction that presents it. */
export async function askApprovers(tx: Transaction, ref: RequestRef, plan: Plan, hash: string): Promise<void> {
  const { tenant, requestId } = ref;
  const { revision, process, startsAt } = plan;
  await openRound(tx, { tenant, kind: KIND, id: requestId, revision, hash, requestId, process, startsAt });
}

/** Nobody has to decide any more: what was asked for is over. */
export async function withdrawQuestion(tx: Transaction, { tenant, requestId }: RequestRef): Promise<void> {
  await closeRounds(tx, { tenant, kind: KIND, id: requestId }, 'withdrawn');
}
