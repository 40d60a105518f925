import {
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { slaNewsSignal, turnOf, type SlaInput } from '../messages.js';
import type { NotificationActivities, SlaRecords } from '../support/activities.js';

/** The server suggests an end at 4,096 events; a replay is quick long before. */
const LONGEST_HISTORY = 1_000;
const REMEMBERED = 100;
/** How long a new history waits for tellings under way; who is cut off is told once more, under the same id. */
const SETTLES_IN = '30 seconds';

const records = proxyLocalActivities<SlaRecords>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** The clocks of a ticket and what becomes of them, from its opening until it is closed. */
export async function sla({ tenant, id: ticketId, heard = [] }: SlaInput): Promise<void> {
  const ref = { tenant, ticketId };
  const ears = new Ears(heard);
  const tellings = new Tellings(tenant, () => ears.wake());
  for (;;) {
    const known = ears.news;
    const { isOver, waitMs, pending } = await records.advanceTicket(ref);
    pending.forEach((notificationId) => tellings.begin(notificationId));
    // those who were to be told of what is over are not told any more: the activity finds that on record
    if (isOver) return tellings.settled();
    const hasNews = (): boolean => ears.news > known;
    if (isLong()) {
      await condition(() => tellings.underWay === 0, SETTLES_IN);
      await continueAsNew<typeof sla>({ tenant, id: ticketId, heard: ears.heard });
    }
    if (waitMs === null) await condition(hasNews);
    else await condition(hasNews, Math.max(1, Math.ceil(waitMs)));
  }
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength > LONGEST_HISTORY || continueAsNewSuggested;
}

/** What happens to a ticket, once for each event: delivery is at least once. */
class Ears {
  news = 0;

  constructor(public heard: readonly string[]) {
    setHandler(slaNewsSignal, ({ eventId }) => {
      if (this.heard.includes(eventId)) return;
      this.heard = [...this.heard, eventId].slice(-REMEMBERED);
      this.wake();
    });
  }

  wake(): void {
    this.news += 1;
  }
}

/** Who is being told, beside the wait: somebody who cannot be reached keeps no clock from running out. */
class Tellings {
  private readonly begun = new Map<string, Promise<void>>();

  constructor(
    private readonly tenant: string,
    private readonly wake: () => void,
  ) {}

  get underWay(): number {
    return this.begun.size;
  }

  begin(notificationId: string): void {
    if (this.begun.has(notificationId)) return;
    const telling = this.tell(notificationId)
      .catch(ignoreCancellation)
      .finally(() => this.begun.delete(notificationId));
    this.begun.set(notificationId, telling);
  }

  async settled(): Promise<void> {
    while (this.begun.size > 0) await Promise.all(this.begun.values());
  }

  /** One try after the other, by one way after the other, until somebody has it or nothing is left to try. */
  private async tell(notificationId: string): Promise<void> {
    for (;;) {
      const step = await notificationActivities(this.tenant).deliverNotification({
        tenant: this.tenant,
        notificationId,
      });
      if (step.kind === 'again') {
        // somebody who cannot be reached for long is tried many times
        if (isLong()) this.wake();
        await sleep(Math.max(1, step.inMs));
      } else {
        // nobody was reached: the chain need not wait for an answer
        if (step.outcome === 'failed') this.wake();
        return;
      }
    }
  }
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

/**
 * On a queue of their own, with time-outs that are tight: a try whose worker died is taken up again within seconds
 * (docs/escalation.md says why these).
 */
function notificationActivities(tenant: string): NotificationActivities {
  return proxyActivities<NotificationActivities>({
    taskQueue: `${workflowInfo().taskQueue}-notifications`,
    priority: turnOf(tenant),
    startToCloseTimeout: '20 seconds',
    heartbeatTimeout: '4 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
  });
}
