import type { RateLimit } from './limit-table.js';

/** A token bucket: what it holds and when that was reckoned, in milliseconds of any one clock. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A bucket that nobody has drawn from. */
export function fullBucket({ most }: RateLimit, now: number): Bucket {
  return { tokens: most, at: now };
}

/**
 * Refills a bucket by the time gone by, takes `back` in and draws up to `want` whole tokens: the arithmetic of
 * `lease_tokens` in the database (migration 0050), for an instance that has to do without it. Over any span of t seconds a
 * bucket gives at most `most + perSecond × t`.
 */
export function draw(
  bucket: Bucket,
  { perSecond, most }: RateLimit,
  now: number,
  want: number,
  back = 0,
): { readonly bucket: Bucket; readonly granted: number } {
  const seconds = Math.max(0, now - bucket.at) / 1_000;
  const tokens = Math.min(most, bucket.tokens + back + seconds * perSecond);
  const granted = Math.min(want, Math.floor(tokens));
  return { bucket: { tokens: tokens - granted, at: Math.max(bucket.at, now) }, granted };
}
