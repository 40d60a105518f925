/** A shard as the table shows it. */
export interface ShardLease {
  readonly shard: number;
  readonly owner: string | null;
  readonly live: boolean;
}

export interface LeasePlan {
  readonly keep: readonly number[];
  readonly take: readonly number[];
  readonly giveBack: readonly number[];
}

/**
 * Which shards a relay keeps, takes and gives back so that `relays` of them end up with equal shares. Nothing is taken
 * from a living owner: it gives back by itself what is over its share.
 */
export function planLeases(leases: readonly ShardLease[], me: string, relays: number): LeasePlan {
  const share = Math.ceil(leases.length / Math.max(1, relays));
  const mine = leases.filter((lease) => lease.owner === me).map((lease) => lease.shard);
  const free = leases
    .filter((lease) => lease.owner !== me && (lease.owner === null || !lease.live))
    .map((lease) => lease.shard);
  return {
    keep: mine.slice(0, share),
    take: free.slice(0, Math.max(0, share - mine.length)),
    giveBack: mine.slice(share),
  };
}
