import { condition, setHandler } from '@temporalio/workflow';
import type { RunAct } from '#libs/process/model';
import { actSignal, decisionSignal, type ActMessage, type DecisionMessage } from '../messages.js';

const REMEMBERED = 200;

/** A plan that waits for its decision. */
interface Ticket {
  readonly revision: number;
  readonly planHash: string;
}

/**
 * The messages of one run. A message may arrive twice (delivery is at least once): the ids of the last ones are
 * remembered, which covers the gap until the bridge's inbox row is written.
 */
export class Mailbox {
  readonly acts: ActMessage[] = [];
  private decisions: DecisionMessage[] = [];

  constructor(private seen: string[] = []) {
    setHandler(decisionSignal, (message) => this.takeOnce(message.eventId, () => this.decisions.push(message)));
    setHandler(actSignal, (message) => this.takeOnce(message.eventId, () => this.acts.push(message)));
  }

  get seenIds(): readonly string[] {
    return this.seen;
  }

  /** Whether the decision on this plan has come. */
  holdsDecisionOn(ticket: Ticket): boolean {
    return this.decisions.some((message) => isOn(message, ticket));
  }

  /** What was decided on this plan, when that has come; it stays until it is taken. */
  verdictOn(ticket: Ticket): DecisionMessage['decision'] | null {
    return this.decisions.find((message) => isOn(message, ticket))?.decision ?? null;
  }

  /** Takes the decision on this plan out, when it has come. */
  takeDecisionOn(ticket: Ticket): DecisionMessage | null {
    const found = this.decisions.find((message) => isOn(message, ticket));
    this.decisions = this.decisions.filter((message) => message !== found);
    return found ?? null;
  }

  /**
   * Drops decisions that can never be taken: on plans up to `revision`, except the one that waits. A decision on a later
   * plan may come before its plan does, and stays.
   */
  dropStray(revision: number, waiting: Ticket | null): void {
    this.decisions = this.decisions.filter(
      (message) => message.revision > revision || (waiting !== null && isOn(message, waiting)),
    );
  }

  /** Waits for a decision on this plan or for an act, at most until `until` (epoch milliseconds). */
  async waitForNews(ticket: Ticket, until: number | null): Promise<void> {
    const news = (): boolean => this.acts.some((act) => act.recorded) || this.holdsDecisionOn(ticket);
    if (until === null) return condition(news);
    await condition(news, Math.max(1, until - Date.now()));
  }

  /** Takes out the acts that our tables hold; others are for the run. */
  takeRecordedActs(): readonly RunAct[] {
    const recorded = this.acts.filter((message) => message.recorded);
    const others = this.acts.filter((message) => !message.recorded);
    this.acts.splice(0, this.acts.length, ...others);
    return recorded.map((message) => message.act);
  }

  /** Whether a person called the run off. */
  holdsCancellation(): boolean {
    return this.acts.some(({ act, recorded }) => recorded && act.act === 'cancel');
  }

  /** How often the request was put off by acts that nobody took yet. */
  countReschedules(): number {
    return this.acts.filter(({ act, recorded }) => recorded && act.act === 'reschedule').length;
  }

  private takeOnce(eventId: string, take: () => void): void {
    if (this.seen.includes(eventId)) return;
    this.seen = [...this.seen, eventId].slice(-REMEMBERED);
    take();
  }
}

function isOn(message: DecisionMessage, ticket: Ticket): boolean {
  return message.revision === ticket.revision && message.planHash === ticket.planHash;
}
