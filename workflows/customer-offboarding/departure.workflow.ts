import { condition, setHandler } from '@temporalio/workflow';
import { departureNewsSignal, type ServedInput } from '../messages.js';
import { accessProbes, departures } from '../support/proxies.js';

/** Between two reminders, at each of which everything is tried again. */
const REMIND = '1 day';

/**
 * A customer leaves: shut out when its last day is over, our access tried until it is proven gone, then kept for the time that
 * was agreed, and erased when two owners say so. Where it stands is in our tables; what people change there is told by signal.
 */
export async function departure({ tenant, id }: ServedInput): Promise<void> {
  const ref = { tenant, id };
  let news = 0;
  let reminders = 0;
  setHandler(departureNewsSignal, () => void (news += 1));
  for (;;) {
    const heard = news;
    const hasNews = (): boolean => news > heard;
    const isDue = async (at: number): Promise<boolean> => !(await condition(hasNews, Math.max(1, at - Date.now())));
    const look = await departures.lookAtDeparture(ref);
    switch (look.stage) {
      case 'announced':
        if (await isDue(look.dueAt)) await departures.closeAccess(ref);
        break;
      case 'closed':
        if (look.openRuns === 0) {
          const probes = accessProbes();
          await Promise.all(look.toProbe.map((entry) => probes.probeAccess({ ...ref, entry })));
          if (await departures.settleAccess(ref)) break;
        }
        if (!(await condition(hasNews, REMIND))) await departures.remindOfAccess({ ...ref, number: (reminders += 1) });
        break;
      case 'proven':
        if (await isDue(look.dueAt)) await departures.closeFetching(ref);
        break;
      case 'fetched':
        if (await isDue(look.dueAt)) await departures.recordDue(ref);
        break;
      case 'due':
        if (look.released && (await departures.beginErasure(ref))) return;
        await condition(hasNews);
        break;
      case 'over':
        return;
    }
  }
}
