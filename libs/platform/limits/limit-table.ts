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

/** The usual limits of signed-in callers. A tenant's own stand in the table `tenant_limits`. */
export const USUAL_RATES: Readonly<Record<RateName, RateLimit>> = {
  'read.key': { perSecond: 200, most: 600 },
  'read.person': { perSecond: 300, most: 900 },
  'read.tenant': { perSecond: 600, most: 1_800 },
  'write.key': { perSecond: 50, most: 200 },
  'write.person': { perSecond: 75, most: 300 },
  'write.tenant': { perSecond: 150, most: 600 },
  // imports, exports, erasures, certificates, records of processing: each is worth a hundred reads
  'expensive.key': { perSecond: 2, most: 20 },
  'expensive.person': { perSecond: 3, most: 30 },
  'expensive.tenant': { perSecond: 5, most: 60 },
};

/** Calls under way at once, over all instances. */
export const USUAL_SLOTS: Readonly<Record<SlotName, number>> = { 'under_way.key': 60, 'under_way.tenant': 120 };

export type LimitName = RateName | SlotName;
export const LIMIT_NAMES: readonly LimitName[] = [
  ...(Object.keys(USUAL_RATES) as RateName[]),
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
