import type { PlannedRunInput } from '../messages.js';
import { plannedRun } from '../support/planned-run.js';

/** An absence: suspended on one day, brought back on another from the same ledger. */
export async function absence(input: PlannedRunInput): Promise<void> {
  await plannedRun('absence', input);
}
