/** How a step ended. Nothing counts as succeeded because it was queued: what was written was read back (design, rule 5). */
export type StepOutcome = 'succeeded' | 'already_in_desired_state' | 'skipped' | 'failed' | 'compensated' | 'unknown';

/** How a run ended. */
export type RunOutcome = 'completed' | 'completed_with_errors' | 'failed' | 'cancelled';

export type RunStatus = 'queued' | 'running' | 'waiting' | RunOutcome;

export type StepStatus = 'pending' | 'running' | 'held' | 'ended';

export const RUN_OUTCOMES: readonly RunOutcome[] = ['completed', 'completed_with_errors', 'failed', 'cancelled'];

export function isRunOutcome(status: string): status is RunOutcome {
  return (RUN_OUTCOMES as readonly string[]).includes(status);
}

/** Whether a step that ended so lets its dependants run. */
export function satisfiesDependants(outcome: StepOutcome): boolean {
  return outcome === 'succeeded' || outcome === 'already_in_desired_state';
}
