import type { Transaction } from '#libs/platform/database';
import { readRun, readSteps } from '#libs/process';
import { isRunOutcome, type RunOutcome } from '#libs/process/model';
import type { RunRef, UntoldActs } from '../../../workflows/support/activities.js';

interface EndingRun extends RunRef {
  readonly outcome: RunOutcome;
  /** The workflow that wants to end it; absent: whoever carries it. */
  readonly workflowId?: string;
}

/**
 * What people did to a run while its workflow thought that all of it had ended: steps that they had tried anew, or a
 * cancellation. Null: nothing. `ended`: the run has ended already, or another workflow carries it by now. Hold the request's
 * row: acts hold it too, so that each comes before the end or finds the run ended.
 */
export async function untoldActs(tx: Transaction, run: EndingRun): Promise<UntoldActs | 'ended' | null> {
  const { tenant, runId, outcome, workflowId } = run;
  const { status, halted, workflow_id: carriedBy } = await readRun(tx, tenant, runId);
  if (isRunOutcome(status) || (workflowId !== undefined && workflowId !== carriedBy)) return 'ended';
  const open = (await readSteps(tx, tenant, runId)).filter((step) => step.status !== 'ended');
  const cancel = halted === 'cancelled' && outcome !== 'cancelled' ? await cancellationOf(tx, run) : null;
  if (open.length === 0 && !cancel) return null;
  return { openSteps: open.map((step) => step.step_id), cancel };
}

async function cancellationOf(tx: Transaction, { tenant, runId }: RunRef): Promise<{ undo: boolean } | null> {
  const act = await tx
    .selectFrom('acts')
    .select('message')
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .where('act', '=', 'cancel')
    .orderBy('given_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return act ? { undo: (act.message as { undo?: boolean }).undo === true } : null;
}
