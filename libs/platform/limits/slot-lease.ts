/** So long slots stay with an instance that says nothing more. */
export const SLOT_SECONDS = 10;
const RENEW_BELOW_MS = 6_000;
const IDLE_MS = 1_000;
const SHUT_MS = 250;

/**
 * The slots for calls under way that an instance holds of one limit. All instances together hold no more than the limit;
 * those of one that died free themselves after `SLOT_SECONDS`. Knows no clock and no database; times are milliseconds.
 */
export class SlotLease {
  private inUse = 0;
  private held = 0;
  private until = -Infinity;
  private shutUntil = -Infinity;
  private neededAt = -Infinity;

  constructor(private limit: number) {}

  get most(): number {
    return this.limit;
  }

  get isIdle(): boolean {
    return this.inUse === 0 && this.held === 0;
  }

  state(now: number): 'open' | 'shut' | 'ask' {
    if (this.inUse < this.held && now < this.until) return 'open';
    return now < this.shutUntil ? 'shut' : 'ask';
  }

  /** Without the database an instance keeps to the whole limit by itself. */
  isOpenAlone(): boolean {
    return this.inUse < this.limit;
  }

  enter(now: number): void {
    this.inUse += 1;
    // the last but a few: the reserve is needed
    if (this.inUse + this.reserve > this.held) this.neededAt = now;
  }

  leave(): void {
    this.inUse -= 1;
  }

  /** How many it would hold from now on, with a few in reserve so that not every call has to ask. */
  want(waiting: number): number {
    return Math.min(this.limit, this.inUse + waiting + (waiting > 0 || this.inUse > 0 ? this.reserve : 0));
  }

  /** Takes in what an ask brought; `want` as it was asked. */
  take(granted: number, want: number, limit: number, now: number): void {
    this.limit = limit;
    this.held = granted;
    this.until = now + (SLOT_SECONDS - 1) * 1_000;
    if (this.inUse < granted) this.neededAt = now;
    else if (granted < want || granted >= limit) this.shutUntil = now + SHUT_MS;
  }

  /** Whether to tell the others: the lease runs out, or holds slots that nobody needs. */
  isDue(now: number): boolean {
    if (this.held === 0) return false;
    return this.until - now < RENEW_BELOW_MS || (now - this.neededAt > IDLE_MS && this.held > this.want(0));
  }

  waitFrom(now: number): number {
    return Math.max(0, this.shutUntil - now);
  }

  private get reserve(): number {
    return Math.floor(this.limit / 8);
  }
}
