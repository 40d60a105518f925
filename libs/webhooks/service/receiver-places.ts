import { getsPlace, heldFor, joinLine, NO_LINE, type ReceiverLine } from '../model/index.js';

/** A host as one tenant calls it, whichever of its subscriptions do. */
export interface Receiver {
  readonly tenant: string;
  readonly host: string;
}

/** A place that is free again once the message is over, or the seconds until another try to get one. */
export type Turn = { readonly free: () => void } | { readonly inSeconds: number };

/** A hundred webhooks a tenant: those whose line has passed are forgotten then. */
const MOST_LINES = 2_000;

/**
 * How many messages of this process are under way to whom, so that a receiver that is slow keeps its own messages
 * waiting: neither is it flooded by many subscriptions, nor does one tenant take the whole process.
 */
export class PlacesAtReceivers {
  private readonly atReceivers = new Map<string, number>();
  private readonly ofTenants = new Map<string, number>();
  private readonly lines = new Map<string, ReceiverLine>();
  private ofAll = 0;

  /** A place at this receiver, which whoever takes it frees; else how long to wait. */
  take({ tenant, host }: Receiver): Turn {
    const receiver = `${tenant} ${host}`;
    const taken = { atReceiver: this.atReceivers.get(receiver) ?? 0, ofTenant: this.ofTenants.get(tenant) ?? 0 };
    if (!getsPlace({ ...taken, ofAll: this.ofAll })) return this.wait(receiver);
    this.count(receiver, tenant, 1);
    const begun = performance.now();
    return { free: () => this.free(receiver, tenant, performance.now() - begun) };
  }

  private wait(receiver: string): Turn {
    const now = performance.now();
    if (this.lines.size >= MOST_LINES) this.forgetLines(now);
    const { line, inSeconds } = joinLine(this.lines.get(receiver) ?? NO_LINE, now, Math.random());
    this.lines.set(receiver, line);
    return { inSeconds };
  }

  private forgetLines(now: number): void {
    for (const [receiver, { endsAt }] of this.lines)
      if (endsAt <= now && !this.atReceivers.has(receiver)) this.lines.delete(receiver);
  }

  private free(receiver: string, tenant: string, heldMs: number): void {
    this.count(receiver, tenant, -1);
    const line = heldFor(this.lines.get(receiver) ?? NO_LINE, heldMs);
    // of receivers that nobody waits for nothing is kept
    if (this.atReceivers.has(receiver) || line.endsAt > performance.now()) this.lines.set(receiver, line);
    else this.lines.delete(receiver);
  }

  private count(receiver: string, tenant: string, change: 1 | -1): void {
    this.ofAll += change;
    add(this.atReceivers, receiver, change);
    add(this.ofTenants, tenant, change);
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
