import type { RateLimit } from './limit-table.js';
import type { Asked, BucketKey, Granted } from './limit.store.js';
import { draw, fullBucket, type Bucket } from './shared-bucket.js';
import { SlotLease } from './slot-lease.js';
import { TokenLease } from './token-lease.js';

/** Leases something from the shared buckets. */
export type Lease = (asked: Asked) => Promise<Granted>;

abstract class Entry {
  usedAt = -Infinity;
  private trip: Promise<void> | null = null;
  protected waiting = 0;

  constructor(
    readonly key: BucketKey,
    private readonly lease: Lease,
  ) {}

  /** Leases more; who comes meanwhile waits for the same answer. */
  async more(now: () => number): Promise<void> {
    this.waiting += 1;
    try {
      await (this.trip ??= this.travel(this.asked(now()), now));
    } finally {
      this.waiting -= 1;
    }
  }

  /** Says what has changed without anybody waiting for it. */
  async tell(asked: Asked, now: () => number): Promise<void> {
    await (this.trip ??= this.travel(asked, now));
  }

  protected abstract asked(now: number): Asked;
  protected abstract take(granted: Granted, asked: Asked, now: number): void;

  private async travel(asked: Asked, now: () => number): Promise<void> {
    try {
      this.take(await this.lease(asked), asked, now());
    } finally {
      this.trip = null;
    }
  }
}

/** A token bucket as this instance sees it. */
export class RateEntry extends Entry {
  readonly tokens: TokenLease;
  private alone: Bucket | null = null;

  constructor(
    key: BucketKey,
    private readonly usual: RateLimit,
    lease: Lease,
  ) {
    super(key, lease);
    this.tokens = new TokenLease(usual);
  }

  /** Without the database: the whole limit, for this instance by itself. Gives whether there were so many tokens. */
  spendAlone(now: number, cost: number): boolean {
    const limit = this.tokens.currentLimit;
    const wanted = Math.min(cost, Math.max(1, Math.floor(limit.most)));
    const { bucket, granted } = draw(this.alone ?? fullBucket(limit, now), limit, now, wanted);
    if (granted < wanted) return false;
    this.alone = bucket;
    return true;
  }

  /** What lies unused past its time; null when nothing does. */
  expired(now: number): Asked | null {
    return this.tokens.hasExpired(now) ? this.givenBack() : null;
  }

  givenBack(): Asked {
    return { kind: 'tokens', ...this.key, limit: this.usual, ...this.tokens.giveBack() };
  }

  protected asked(now: number): Asked {
    return { kind: 'tokens', ...this.key, limit: this.usual, ...this.tokens.ask(now, this.waiting) };
  }

  protected take(granted: Granted, asked: Asked, now: number): void {
    this.alone = null;
    this.tokens.take(granted, asked.want, now);
  }
}

/** Slots for calls under way as this instance sees them. */
export class SlotEntry extends Entry {
  readonly slots: SlotLease;

  constructor(
    key: BucketKey,
    private readonly usual: number,
    lease: Lease,
  ) {
    super(key, lease);
    this.slots = new SlotLease(usual);
  }

  /** What to hold from now on without anybody waiting; null when nothing changes. */
  due(now: number): Asked | null {
    return this.slots.isDue(now) ? this.asked(now) : null;
  }

  protected asked(_now: number): Asked {
    return { kind: 'slots', ...this.key, want: this.slots.want(this.waiting), most: this.usual };
  }

  protected take({ granted, limit }: Granted, { want }: Asked, now: number): void {
    this.slots.take(granted, want, limit.most, now);
  }
}
