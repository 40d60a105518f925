import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RateLimit } from './limit-table.js';
import { draw, fullBucket, type Bucket } from './shared-bucket.js';
import { largestLease, TokenLease } from './token-lease.js';

const limits = fc.record({
  perSecond: fc.double({ min: 0.1, max: 500, noNaN: true }),
  most: fc.integer({ min: 1, max: 2_000 }),
});

interface Call {
  readonly instance: number;
  /** Milliseconds since the call before. */
  readonly pause: number;
  /** Tokens. */
  readonly cost: number;
}

const DEAREST = 4;

/** Instances that lease from one shared bucket, as `lease_tokens` reckons it. */
class World {
  private shared: Bucket;
  private readonly leases: TokenLease[];
  /** When each token was spent. */
  readonly admittedAt: number[] = [];
  leased = 0;

  constructor(
    private readonly limit: RateLimit,
    instances: number,
  ) {
    this.shared = fullBucket(limit, 0);
    this.leases = Array.from({ length: instances }, () => new TokenLease(limit));
  }

  call(instance: number, now: number, waiting = 1, cost = 1): boolean {
    const lease = this.leases[instance]!;
    if (lease.state(now) === 'ask') this.lease(lease, now, waiting);
    if (lease.state(now) !== 'open') return false;
    lease.spend(cost);
    for (let token = 0; token < cost; token++) this.admittedAt.push(now);
    if (lease.runsLow(now)) this.lease(lease, now, 0);
    return true;
  }

  private lease(lease: TokenLease, now: number, waiting: number): void {
    const { want, back } = lease.ask(now, waiting);
    const { bucket, granted } = draw(this.shared, this.limit, now, want, back);
    this.shared = bucket;
    this.leased += granted - back;
    lease.take({ granted, remaining: bucket.tokens, limit: this.limit }, want, now);
  }
}

/** The most calls that were admitted within a span above what the bucket may give for it. */
function overshoot(admittedAt: readonly number[], { perSecond, most }: RateLimit): number {
  let worst = -Infinity;
  for (let from = 0; from < admittedAt.length; from++)
    for (let to = from; to < admittedAt.length; to++) {
      const seconds = (admittedAt[to]! - admittedAt[from]!) / 1_000;
      worst = Math.max(worst, to - from + 1 - (most + perSecond * seconds));
    }
  return worst;
}

describe('a shared bucket', () => {
  it('never gives more than its size and what flows in', () => {
    const draws = fc.array(
      fc.record({ pause: fc.integer({ min: 0, max: 5_000 }), want: fc.integer({ min: 0, max: 300 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(limits, draws, (limit, asked) => {
        let bucket = fullBucket(limit, 0);
        let [now, given] = [0, 0];
        for (const { pause, want } of asked) {
          now += pause;
          const drawn = draw(bucket, limit, now, want);
          bucket = drawn.bucket;
          given += drawn.granted;
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(limit.most);
        }
        expect(given).toBeLessThanOrEqual(limit.most + (limit.perSecond * now) / 1_000 + 1e-6);
      }),
    );
  });

  it('gains nothing from a clock that goes back', () => {
    const limit = { perSecond: 10, most: 10 };
    const { bucket } = draw(fullBucket(limit, 1_000), limit, 1_000, 10);
    expect(draw(bucket, limit, 0, 10)).toEqual({ bucket: { tokens: 0, at: 1_000 }, granted: 0 });
  });
});

describe('leases of several instances', () => {
  const calls = (pauses: fc.Arbitrary<number>): fc.Arbitrary<Call[]> =>
    fc.array(
      fc.record({
        instance: fc.integer({ min: 0, max: 3 }),
        pause: pauses,
        cost: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: DEAREST })),
      }),
      { maxLength: 400 },
    );

  it.each([
    ['a flood', fc.integer({ min: 0, max: 3 })],
    ['calls now and then', fc.integer({ min: 0, max: 4_000 })],
    ['floods with pauses', fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constant(2_500))],
  ])('let %s through up to the limit and what the instances hold, over any span', (_what, pauses) => {
    fc.assert(
      fc.property(limits, calls(pauses), (limit, made) => {
        const world = new World(limit, 4);
        let now = 0;
        for (const { instance, pause, cost } of made) world.call(instance, (now += pause), 1, cost);
        // what an instance owes for its last call comes on top
        const owed = 4 * (DEAREST - 1);
        expect(overshoot(world.admittedAt, limit)).toBeLessThanOrEqual(4 * largestLease(limit) + owed + 1e-6);
        // in all, nothing else is spent that was not leased
        expect(world.admittedAt.length).toBeLessThanOrEqual(world.leased + owed);
      }),
      { numRuns: 60 },
    );
  });

  it('let a caller within its limit always through, from whichever instance answers', () => {
    const limit = { perSecond: 10, most: 20 };
    const world = new World(limit, 2);
    const refused = Array.from({ length: 500 }, (_, n) => world.call(n % 2, n * 125)).filter((through) => !through);
    expect(refused.length).toBe(0);
  });

  it('let a flood have its whole limit, not less', () => {
    const limit = { perSecond: 50, most: 200 };
    const world = new World(limit, 2);
    for (let now = 0; now < 10_000; now++) for (const instance of [0, 1]) world.call(instance, now, 20);
    expect(world.admittedAt.length).toBeGreaterThanOrEqual(0.95 * (200 + 50 * 10));
    expect(world.admittedAt.length).toBeLessThanOrEqual(200 + 50 * 10 + 2 * largestLease(limit));
  });

  it('let dear calls through as much more rarely as they cost', () => {
    const limit = { perSecond: 5, most: 10 };
    const world = new World(limit, 2);
    let calls = 0;
    for (let now = 0; now < 60_000; now += 10)
      for (const instance of [0, 1]) if (world.call(instance, now, 1, 4)) calls += 1;
    expect(calls).toBeGreaterThanOrEqual(0.9 * ((10 + 5 * 60) / 4));
    expect(calls).toBeLessThanOrEqual((10 + 5 * 60 + 2 * (largestLease(limit) + 3)) / 4);
  });

  it('ask rarely: a call in ten or fewer under load, none while shut', () => {
    const limit = { perSecond: 200, most: 600 };
    const lease = new TokenLease(limit);
    let [bucket, asks] = [fullBucket(limit, 0), 0];
    for (let now = 0; now < 5_000; now += 5) {
      if (lease.state(now) === 'ask' || lease.runsLow(now)) {
        const { want, back } = lease.ask(now, 1);
        const drawn = draw(bucket, limit, now, want, back);
        bucket = drawn.bucket;
        lease.take({ granted: drawn.granted, remaining: bucket.tokens, limit }, want, now);
        asks += 1;
      }
      lease.spend();
    }
    expect(asks).toBeLessThan(100);
  });

  it('go back when nobody spends them', () => {
    const limit = { perSecond: 100, most: 100 };
    const lease = new TokenLease(limit);
    const { want } = lease.ask(0, 25);
    lease.take({ granted: want, remaining: 100 - want, limit }, want, 0);
    lease.spend();
    expect(lease.hasExpired(1_999)).toBe(false);
    expect(lease.hasExpired(2_000)).toBe(true);
    expect(lease.giveBack()).toEqual({ want: 0, back: want - 1 });
    expect(lease.state(2_000)).toBe('ask');
  });

  it('hold to a limit that was lowered from the next lease on', () => {
    const lease = new TokenLease({ perSecond: 1_000, most: 1_000 });
    lease.take({ granted: 0, remaining: 0.5, limit: { perSecond: 0.5, most: 2 } }, 10, 0);
    expect(lease.state(900)).toBe('shut');
    expect(lease.waitFrom(0)).toBe(1_000);
    expect(lease.ask(1_000, 50).want).toBe(1);
  });
});
