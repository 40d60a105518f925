import type { PlannedRunInput } from '../messages.js';
import { plannedRun } from '../support/planned-run.js';

/** A mover: new department, manager and groups by difference, at a date and hour. */
export async function mover(input: PlannedRunInput): Promise<void> {
  await plannedRun('mover', input);
}
