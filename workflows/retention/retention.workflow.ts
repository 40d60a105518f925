import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { retentionNewsSignal, type ServedInput } from '../messages.js';
import { retentions } from '../support/proxies.js';

/** A legal hold that ended, or a clock that was set, is noticed within a day. */
const LONGEST_WAIT_MS = 86_400_000;
/** What becomes due in a row is erased together. */
const SHORTEST_WAIT_MS = 60_000;
const ROUNDS_PER_HISTORY = 60;

/** Erases a tenant's ended requests when they are old enough for their outcome: sleeps until the next is due. */
export async function retention({ tenant, id }: ServedInput): Promise<void> {
  let news = 0;
  setHandler(retentionNewsSignal, () => void (news += 1));
  for (let round = 1; ; round++) {
    const heard = news;
    const look = await retentions().eraseEnded({ tenant, id });
    if (look.next === 'over') return;
    if (look.next === 'wait') {
      const wait = Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, look.waitMs ?? LONGEST_WAIT_MS));
      await condition(() => news > heard, wait);
    }
    if (round >= ROUNDS_PER_HISTORY || workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof retention>({ tenant, id });
  }
}
