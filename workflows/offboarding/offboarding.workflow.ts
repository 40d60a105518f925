import type { PlannedRunInput } from '../messages.js';
import { plannedRun } from '../support/planned-run.js';

/** A leaver: plan, approval, lock-out and clean-up at the last working hour, read-back, completion. */
export async function offboarding(input: PlannedRunInput): Promise<void> {
  await plannedRun('offboarding', input);
}
