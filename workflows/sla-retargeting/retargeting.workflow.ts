import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { RetargetingInput } from '../messages.js';
import { retargets } from '../support/proxies.js';

/** A ticket can be opened by what was promised before in a transaction that ends later; none takes as long as this. */
const SETTLED_AFTER = '1 minute';

/** A change of what is promised: waits until it counts, then has open tickets follow it, page by page, and looks once more. */
export async function retargeting({ tenant, id, after, round = 1 }: RetargetingInput): Promise<void> {
  const ref = { tenant, changeId: id };
  let place = after ?? null;
  if (after === undefined) {
    const waitMs = await retargets().waitForChange(ref);
    if (waitMs > 0) await sleep(waitMs);
  }
  for (let now = round; now <= 2; now++) {
    do {
      const page = await retargets().retargetPage({ ...ref, after: place, isLast: now === 2 });
      place = page.next;
      if (workflowInfo().continueAsNewSuggested && place !== null)
        await continueAsNew<typeof retargeting>({ tenant, id, after: place, round: now });
    } while (place !== null);
    if (now === 1) await sleep(SETTLED_AFTER);
  }
}
