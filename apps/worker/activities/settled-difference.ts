import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { appendTimeline, readSteps } from '#libs/process';
import type { RunRef } from '../../../workflows/support/activities.js';

/** The line of a run's history that says what was decided on a difference. */
export function settlement(approved: boolean): 'difference_approved' | 'difference_rejected' {
  return approved ? 'difference_approved' : 'difference_rejected';
}

/**
 * Whether the decision on this revision has taken effect on the run. The plan's revision does not tell: what waits after a
 * lock-out is the rest of the very plan that the run began with.
 */
export async function isSettled(tx: Transaction, task: RunRef & { readonly revision: number }): Promise<boolean> {
  const line = await tx
    .selectFrom('run_timeline')
    .select('seq')
    .where('tenant_id', '=', task.tenant)
    .where('run_id', '=', task.runId)
    .where('kind', 'in', [settlement(true), settlement(false)])
    .where(sql<boolean>`(data ->> 'revision')::int = ${task.revision}`)
    .limit(1)
    .executeTakeFirst();
  return line !== undefined;
}

/** Those of the steps that have not begun. */
export async function openSteps(tx: Transaction, run: RunRef, stepIds: readonly string[]): Promise<readonly string[]> {
  const rows = await readSteps(tx, run.tenant, run.runId);
  return rows
    .filter((row) => stepIds.includes(row.step_id) && (row.status === 'held' || row.status === 'pending'))
    .map((row) => row.step_id);
}

/** Held steps go on by the new plan; those among `late` whose time has passed by then say so. */
export async function releaseSteps(
  tx: Transaction,
  run: RunRef,
  stepIds: readonly string[],
  late: ReadonlySet<string>,
): Promise<void> {
  if (stepIds.length === 0) return;
  const released = await tx
    .updateTable('run_steps')
    .set({
      status: 'pending',
      drift: null,
      waiting_for: null,
      late: sql<boolean>`late OR step_id = ANY (${[...late]}::text[])`,
    })
    .where('tenant_id', '=', run.tenant)
    .where('run_id', '=', run.runId)
    .where('step_id', 'in', stepIds)
    .where('status', '=', 'held')
    .returning(['step_id', 'due_at'])
    .execute();
  const lines = released
    .filter((row) => late.has(row.step_id))
    .map((row) => ({ kind: 'step_late', who: 'stellwerk', stepId: row.step_id, data: { due: row.due_at } }));
  await appendTimeline(tx, run.tenant, run.runId, lines);
}
