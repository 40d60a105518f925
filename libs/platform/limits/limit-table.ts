/** What a call costs: decided by its route. */
export const CALL_CLASSES = ['read', 'write', 'expensive'] as const;
export type CallClass = (typeof CALL_CLASSES)[number];

/** Whom a limit holds for: a key, session or client; all of those of one person; all of one tenant. */
export const HOLDERS = ['key', 'person', 'tenant'] as const;
export type Holder = (typeof HOLDERS)[number];

/** So many calls in one go (`most`), and so many a second in the long run. */
export interface RateLimit {
  readonly perSecond: number;
  readonly most: number;
}

export type RateName = `${CallClass}.${Holder}`;
export type SlotName = `under_way.${'key' | 'tenant'}`;

/** What a signed-in caller may do where its tenant has no limits of its own; those stand in the table `tenant_limits`. */
export interface UsualLimits {
  readonly rates: Readonly<Record<RateName, RateLimit>>;
  readonly slots: Readonly<Record<SlotName, number>>;
}

/**
 * What one core of the installation gives a tenant. Seen on two cores: 43 calls a second, half of them submissions, whose
 * plans are drawn at once, and half the largest pages, leave no processor time. A tenant gets about a third of that, so
 * that none slows the others (docs/performance.md).
 */
const RATES_PER_CORE: Readonly<Record<RateName, RateLimit>> = {
  'read.key': { perSecond: 10, most: 60 },
  'read.person': { perSecond: 15, most: 90 },
  'read.tenant': { perSecond: 20, most: 120 },
  'write.key': { perSecond: 2, most: 20 },
  'write.person': { perSecond: 3, most: 25 },
  'write.tenant': { perSecond: 4, most: 30 },
  // imports, exports, erasures, certificates, records of processing
  'expensive.key': { perSecond: 0.2, most: 10 },
  'expensive.person': { perSecond: 0.3, most: 12 },
  'expensive.tenant': { perSecond: 0.5, most: 15 },
};

/** Calls under way at once, over all instances. They lie in memory, whatever the number of cores. */
const USUAL_SLOTS: Readonly<Record<SlotName, number>> = { 'under_way.key': 60, 'under_way.tenant': 120 };

/** The usual limits of an installation with so many cores, over all its machines. */
export function usualLimits(cores: number): UsualLimits {
  const grown = ({ perSecond, most }: RateLimit): RateLimit => ({
    // in tenths, as they are shown
    perSecond: Math.round(perSecond * cores * 10) / 10,
    most: most * cores,
  });
  const rates = Object.entries(RATES_PER_CORE).map(([name, limit]) => [name, grown(limit)]);
  return { rates: Object.fromEntries(rates) as Record<RateName, RateLimit>, slots: USUAL_SLOTS };
}

export type LimitName = RateName | SlotName;
export const LIMIT_NAMES: readonly LimitName[] = [
  ...(Object.keys(RATES_PER_CORE) as RateName[]),
  ...(Object.keys(USUAL_SLOTS) as SlotName[]),
];

/** Limits of callers who are not signed in, by address; they cannot be set. */
export const ADDRESS_RATES = {
  /** Calls of routes that are open to everybody. */
  'open.address': { perSecond: 50, most: 300 },
  /** Those of them that cost more: the description of the API. */
  'expensive.address': { perSecond: 5, most: 60 },
  /** Calls whose key, session or token does not let in: when they are used up, the address has to wait. */
  'refused.address': { perSecond: 2, most: 60 },
} as const satisfies Readonly<Record<string, RateLimit>>;
export type AddressName = keyof typeof ADDRESS_RATES;

/** Within these a tenant's limits can be set. The least keeps a tenant from being shut out by a setting. */
export const BOUNDS = {
  rate: { least: 0.1, most: 20_000 },
  burst: { least: 1, most: 100_000 },
  underWay: { least: 2, most: 2_000 },
  /** A bucket that takes longer to fill says nothing about load. */
  secondsToFill: 3_600,
} as const;
