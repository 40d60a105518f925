import { describe, expect, it } from '@jest/globals';
import { planLeases, type ShardLease } from './lease-plan.js';

const leases = (owners: readonly (string | null)[], dead: readonly string[] = []): ShardLease[] =>
  owners.map((owner, shard) => ({ shard, owner, live: owner !== null && !dead.includes(owner) }));

describe('planLeases', () => {
  it('takes every free shard when it is alone', () => {
    expect(planLeases(leases([null, null, null, null]), 'me', 1)).toEqual({
      keep: [],
      take: [0, 1, 2, 3],
      giveBack: [],
    });
  });

  it('gives back what is over its share when another comes, which takes it', () => {
    expect(planLeases(leases(['me', 'me', 'me', 'me']), 'me', 2)).toEqual({ keep: [0, 1], take: [], giveBack: [2, 3] });
    expect(planLeases(leases(['me', 'me', null, null]), 'other', 2)).toEqual({ keep: [], take: [2, 3], giveBack: [] });
  });

  it('takes nothing from a living owner and what it may from a dead one', () => {
    expect(planLeases(leases(['alive', 'alive', 'dead', 'dead'], ['dead']), 'me', 2)).toEqual({
      keep: [],
      take: [2, 3],
      giveBack: [],
    });
  });

  it('keeps its own lease that has run out and that nobody took', () => {
    expect(planLeases(leases(['me', 'alive'], ['me']), 'me', 2)).toEqual({ keep: [0], take: [], giveBack: [] });
  });
});
