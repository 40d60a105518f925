import type { PlannedRunInput } from '../messages.js';
import { plannedRun } from '../support/planned-run.js';

/** A joiner: plan, approval, account and groups on the first day, hand-over of the first password, equipment. */
export async function onboarding(input: PlannedRunInput): Promise<void> {
  await plannedRun('onboarding', input);
}
