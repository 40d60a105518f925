import { condition, setHandler } from '@temporalio/workflow';
import { actSignal, decisionSignal, type ActMessage, type DecisionMessage } from '../messages.js';

const REMEMBERED = 200;

/**
 * The messages of one run. A message may arrive twice (delivery is at least once): the ids of the last ones are
 * remembered, which covers the gap until the bridge's inbox row is written.
 */
export class Mailbox {
  readonly acts: ActMessage[] = [];
  private readonly decisions: DecisionMessage[] = [];

  constructor(private seen: string[] = []) {
    setHandler(decisionSignal, (message) => this.takeOnce(message.eventId, () => this.decisions.push(message)));
    setHandler(actSignal, (message) => this.takeOnce(message.eventId, () => this.acts.push(message)));
  }

  get seenIds(): readonly string[] {
    return this.seen;
  }

  /** Whether nothing waits to be taken in. */
  get isEmpty(): boolean {
    return this.acts.length === 0 && this.decisions.length === 0;
  }

  /** The decision on a revision, when it has come. Decisions on other plans are of the past and dropped. */
  decisionOn(ticket: { revision: number; planHash: string }): DecisionMessage | null {
    const found = this.decisions.find(
      (message) => message.revision === ticket.revision && message.planHash === ticket.planHash,
    );
    if (found) this.decisions.length = 0;
    return found ?? null;
  }

  async waitForDecision(ticket: { revision: number; planHash: string }): Promise<DecisionMessage> {
    let decision: DecisionMessage | null = null;
    await condition(() => (decision = this.decisionOn(ticket)) !== null);
    return decision!;
  }

  private takeOnce(eventId: string, take: () => void): void {
    if (this.seen.includes(eventId)) return;
    this.seen = [...this.seen, eventId].slice(-REMEMBERED);
    take();
  }
}
