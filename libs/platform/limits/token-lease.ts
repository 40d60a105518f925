import type { RateLimit } from './limit-table.js';

/** Tokens that were not spent by then go back. */
export const LEASE_MS = 2_000;
/** An instance asks an empty bucket again after so long at the earliest: what has come in by then is leased at once. */
const SHORTEST_WAIT_MS = 100;
/** A lease that was used up faster than this was too small. */
const TOO_SOON_MS = 500;

/** How many tokens of a bucket one instance holds at most: half a second's worth, and no more than a quarter of the bucket. */
export function largestLease({ perSecond, most }: RateLimit): number {
  return Math.max(1, Math.floor(Math.min(perSecond / 2, most / 4)));
}

/** What is asked of the shared bucket. */
export interface TokenAsk {
  readonly want: number;
  readonly back: number;
}

export interface TokenGrant {
  readonly granted: number;
  /** What the shared bucket holds after it. */
  readonly remaining: number;
  readonly limit: RateLimit;
}

/**
 * The tokens of one bucket that an instance holds. They were taken out of the shared bucket when they were leased, so that
 * all instances together never spend more than the bucket gave: over any span of t seconds at most
 * `most + perSecond × t + instances × largestLease`. Knows no clock and no database; times are milliseconds.
 */
export class TokenLease {
  private tokens = 0;
  private until = -Infinity;
  private leasedAt = -Infinity;
  private shutUntil = -Infinity;
  private size: number;
  private shared: number;

  constructor(private limit: RateLimit) {
    this.size = Math.ceil(largestLease(limit) / 8);
    this.shared = limit.most;
  }

  get currentLimit(): RateLimit {
    return this.limit;
  }

  /** Open: there is a token to spend. Shut: the shared bucket was empty a moment ago. Else it has to be asked. */
  state(now: number): 'open' | 'shut' | 'ask' {
    if (this.tokens >= 1 && now < this.until) return 'open';
    return now < this.shutUntil ? 'shut' : 'ask';
  }

  /** Only while open. A call that costs more than is left goes through, and what it owes is leased before the next. */
  spend(cost = 1): void {
    this.tokens -= cost;
  }

  /** Whether to lease more beforehand, so that nobody has to wait for it. */
  runsLow(now: number): boolean {
    return this.tokens <= this.size / 2 && now >= this.shutUntil;
  }

  /** Tokens lie unused past their time: they are somebody else's. */
  hasExpired(now: number): boolean {
    return this.tokens > 0 && now >= this.until;
  }

  /** What to ask for while `waiting` calls wait. What expired goes back with it. Nothing is held twice: a grant adds to what is left. */
  ask(now: number, waiting: number): TokenAsk {
    const back = now >= this.until ? Math.max(0, this.tokens) : 0;
    if (back > 0) this.tokens = 0;
    this.adapt(now, back);
    const wanted = Math.min(largestLease(this.limit), Math.max(this.size, waiting));
    return { want: Math.max(0, wanted - this.tokens), back };
  }

  /** What expired, to be given back without asking for more. */
  giveBack(): TokenAsk {
    const back = Math.max(0, this.tokens);
    this.tokens -= back;
    return { want: 0, back };
  }

  /** Takes in what an ask brought; `want` as it was asked. */
  take({ granted, remaining, limit }: TokenGrant, want: number, now: number): void {
    this.limit = limit;
    this.shared = remaining;
    this.tokens += granted;
    if (granted > 0) [this.until, this.leasedAt] = [now + LEASE_MS, now];
    if (granted >= want) return;
    const missing = 1 - remaining - Math.min(0, this.tokens);
    this.shutUntil = now + Math.max(SHORTEST_WAIT_MS, (missing / limit.perSecond) * 1_000);
  }

  /** Milliseconds until another try makes sense. */
  waitFrom(now: number): number {
    return Math.max(0, this.shutUntil - now);
  }

  /** Roughly what could be spent now, here and at other instances. */
  get remaining(): number {
    return Math.max(0, Math.floor(this.tokens + this.shared));
  }

  private adapt(now: number, back: number): void {
    if (back > this.size / 2) this.size = Math.max(1, Math.floor(this.size / 2));
    else if (now - this.leasedAt < TOO_SOON_MS) this.size = Math.min(largestLease(this.limit), this.size * 2);
  }
}
