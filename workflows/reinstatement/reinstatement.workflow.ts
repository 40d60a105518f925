import type { PlannedRunInput } from '../messages.js';
import { plannedRun } from '../support/planned-run.js';

/** Brings back what an earlier run changed, from its ledger, with a plan and an approval of its own. */
export async function reinstatement(input: PlannedRunInput): Promise<void> {
  await plannedRun('reinstatement', input);
}
