import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { RetargetingInput } from '../messages.js';
import { retargets } from '../support/proxies.js';

/** A change of what is promised: waits until it counts, then has open tickets follow it, page by page. */
export async function retargeting({ tenant, id, after = null }: RetargetingInput): Promise<void> {
  const ref = { tenant, changeId: id };
  const waitMs = await retargets().waitForChange(ref);
  if (waitMs > 0) await sleep(waitMs);
  for (let place = after; ;) {
    const page = await retargets().retargetPage({ ...ref, after: place });
    place = page.next;
    if (place === null) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof retargeting>({ tenant, id, after: place });
  }
}
