import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { ReconcileInput } from '../messages.js';
import type { ReconcilePage } from './activities.js';
import { audit } from './proxies.js';

const ROUNDS_PER_HISTORY = 200;

/** Compares, round after round, every open request with what Temporal knows of it, and mends or reports what differs. */
export async function reconcile(input: ReconcileInput): Promise<void> {
  let { everySeconds } = input;
  let after = input.after ?? null;
  for (let round = 0; round < ROUNDS_PER_HISTORY; round++) {
    do {
      const page: ReconcilePage = await audit.reconcilePage({ after });
      everySeconds = page.everySeconds ?? everySeconds;
      after = page.next;
      if (after !== null && workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof reconcile>({ everySeconds, after });
    } while (after !== null);
    await sleep(everySeconds * 1000);
  }
  await continueAsNew<typeof reconcile>({ everySeconds });
}
