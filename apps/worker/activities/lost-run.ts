import { sql } from 'kysely';
import { runEnded } from '#libs/events';
import type { Problem } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { appendStepEnded, appendTimeline, endRun, readSteps, updateStep, type StepRow } from '#libs/process';
import { tellTicket } from './ticket-of-run.js';

interface LostRun {
  readonly tenant: string;
  readonly requestId: string;
  readonly runId: string;
}

const ENGINE = 'stellwerk';
const REASON = 'lost in the engine';

/** Ends a run that the engine no longer carries: a step that may have written is `unknown`, one that had not begun `skipped`. */
export async function endLostRun(tx: Transaction, run: LostRun, engineStatus: string, problem: Problem): Promise<void> {
  const { tenant, runId, requestId } = run;
  await appendTimeline(tx, tenant, runId, [{ kind: 'engine_lost', who: ENGINE, data: { engineStatus } }]);
  for (const step of await readSteps(tx, tenant, runId))
    if (step.status !== 'ended') await endLostStep(tx, run, step, problem);
  await endRun(tx, tenant, runId, 'failed', problem);
  await appendTimeline(tx, tenant, runId, [{ kind: 'run_ended', who: ENGINE, data: { outcome: 'failed', problem } }]);
  const origin = { tenant, aggregate: `run/${runId}`, correlationId: requestId, causationId: null };
  await appendEvent(tx, runEnded, origin, { runId, requestId, outcome: 'failed' });
  await tellTicket(tx, run, 'failed');
}

async function endLostStep(tx: Transaction, run: LostRun, step: StepRow, problem: Problem): Promise<void> {
  const { tenant, runId } = run;
  const outcome = step.before_image ? 'unknown' : 'skipped';
  const ended = {
    status: 'ended',
    outcome,
    reason: REASON,
    waiting_for: null,
    ended_at: sql<Date>`clock_timestamp()`,
  } as const;
  await updateStep(tx, tenant, runId, step.step_id, ended);
  const data = { outcome, reason: REASON };
  await appendTimeline(tx, tenant, runId, [
    { kind: 'step_ended', who: ENGINE, stepId: step.step_id, attempt: step.attempt, data },
  ]);
  await appendStepEnded(tx, { ...run, stepId: step.step_id }, outcome, problem.code, step.attempt);
}
