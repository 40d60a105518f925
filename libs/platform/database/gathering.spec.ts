import { describe, expect, it } from '@jest/globals';
import { Gathering, TenantGatherings, type GatheringLimits, type Reply } from './gathering.js';

/** A gathering of numbers whose trips the test ends by hand. */
function byHand(limits: GatheringLimits = { most: 100 }) {
  const trips: { asks: readonly number[]; end(replies: Reply<string>[]): void; fail(error: Error): void }[] = [];
  const gathering = new Gathering<number, string>(
    limits,
    (asks) => new Promise((end, fail) => trips.push({ asks, end, fail })),
  );
  return { trips, gathering };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const answered = (asks: readonly number[]): Reply<string>[] => asks.map((ask) => ({ answer: `a${ask}` }));

describe('a gathering', () => {
  it('takes what arrives in one turn along, and what arrives during a trip with the next', async () => {
    const { trips, gathering } = byHand();
    const first = [gathering.ask(1), gathering.ask(2)];
    await turn();
    const second = [gathering.ask(3), gathering.ask(4)];
    await turn();
    expect(trips.map(({ asks }) => asks)).toEqual([[1, 2]]);
    trips[0]!.end(answered([1, 2]));
    expect(await Promise.all(first)).toEqual(['a1', 'a2']);
    await turn();
    expect(trips[1]!.asks).toEqual([3, 4]);
    trips[1]!.end(answered([3, 4]));
    expect(await Promise.all(second)).toEqual(['a3', 'a4']);
  });

  it('takes no more than its most at once', async () => {
    const { trips, gathering } = byHand({ most: 2 });
    const all = [1, 2, 3].map((ask) => gathering.ask(ask));
    await turn();
    expect(trips[0]!.asks).toEqual([1, 2]);
    trips[0]!.end(answered([1, 2]));
    await turn();
    trips[1]!.end(answered([3]));
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3']);
  });

  it('begins a second trip, and no third, while one is under way, when a crowd waits', async () => {
    const { trips, gathering } = byHand({ most: 100, crowd: 2 });
    const all = [gathering.ask(1)];
    await turn();
    all.push(gathering.ask(2));
    await turn();
    expect(trips).toHaveLength(1);
    all.push(gathering.ask(3));
    await turn();
    expect(trips[1]!.asks).toEqual([2, 3]);
    all.push(gathering.ask(4), gathering.ask(5));
    await turn();
    expect(trips).toHaveLength(2);
    trips[1]!.end(answered([2, 3]));
    await turn();
    expect(trips[2]!.asks).toEqual([4, 5]);
    trips[0]!.end(answered([1]));
    trips[2]!.end(answered([4, 5]));
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('gives each its own answer or error, and another trip to those that need one', async () => {
    const { trips, gathering } = byHand();
    const all = Promise.allSettled([1, 2, 3].map((ask) => gathering.ask(ask)));
    await turn();
    trips[0]!.end([{ answer: 'a1' }, { error: new Error('refused') }, 'again']);
    await turn();
    expect(trips[1]!.asks).toEqual([3]);
    trips[1]!.end(answered([3]));
    expect((await all).map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('tells all of a trip that failed, and goes on', async () => {
    const { trips, gathering } = byHand();
    const lost = Promise.allSettled([gathering.ask(1), gathering.ask(2)]);
    await turn();
    trips[0]!.fail(new Error('gone'));
    expect((await lost).map((result) => result.status)).toEqual(['rejected', 'rejected']);
    const next = gathering.ask(3);
    await turn();
    trips[1]!.end(answered([3]));
    expect(await next).toBe('a3');
  });
});

describe('gatherings of tenants', () => {
  it('never share a trip', async () => {
    const trips: unknown[] = [];
    const gatherings = new TenantGatherings<number, string>({ most: 4 }, (tenant, asks) => {
      trips.push([tenant, asks]);
      return Promise.resolve(asks.map((ask) => ({ answer: `${tenant} ${ask}` })));
    });
    const answers = Promise.all([gatherings.ask('a', 1), gatherings.ask('b', 2), gatherings.ask('a', 3)]);
    expect(await answers).toEqual(['a 1', 'b 2', 'a 3']);
    expect(trips).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
  });
});
