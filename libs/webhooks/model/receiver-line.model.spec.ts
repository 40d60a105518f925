import { describe, expect, it } from '@jest/globals';
import {
  AT_ONCE,
  AT_ONCE_OF_ALL,
  getsPlace,
  heldFor,
  joinLine,
  NO_LINE,
  type ReceiverLine,
} from './receiver-line.model.js';

/** So many join at the same instant; what each of them waits, in seconds. */
function waits(count: number, first: ReceiverLine, random = () => 0.5, now = 0): number[] {
  let line = first;
  return Array.from({ length: count }, () => {
    const joined = joinLine(line, now, random());
    line = joined.line;
    return joined.inSeconds;
  });
}

describe('who finds no place at a receiver', () => {
  const slow = { ...NO_LINE, holdMs: 15_000 };

  it('waits longer, the longer the line is', () => {
    expect(waits(4, slow)).toEqual([4.75, 8.5, 12.25, 16]);
  });

  it('waits five minutes at most, a quarter more or less', () => {
    const all = waits(13_000, slow);
    expect(all.at(-1)).toBe(300);
    expect(Math.max(...waits(1_000, slow, () => 1))).toBe(375);
    expect(Math.min(...waits(1_000, slow, () => 0))).toBeGreaterThanOrEqual(1);
  });

  it('does not come back together with those who wait for the same turn', () => {
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const late = waits(2_000, slow, random).slice(1_000);
    const busiest = Math.max(...Array.from({ length: 380 }, (_, s) => late.filter((w) => Math.floor(w) === s).length));
    expect(busiest).toBeLessThan(25);
  });

  it('asks a slow receiver no more often than it gives places, until the line is five minutes long', () => {
    // 15 s a message, four at once: a place each 3.75 s
    const all = waits(70, slow);
    expect(all.filter((wait) => wait <= 60)).toHaveLength(15);
  });

  it('waits little where the receiver is quick: a burst is told within seconds', () => {
    const quick = [1, 2, 3, 4, 5, 6, 7, 8, 9].reduce((line) => heldFor(line, 40), NO_LINE);
    expect(Math.max(...waits(500, quick))).toBeLessThan(8);
  });

  it('waits anew once the line has passed', () => {
    expect(joinLine({ ...NO_LINE, endsAt: 60_000 }, 100_000, 0.5).inSeconds).toBe(1.25);
  });
});

describe('a place at a receiver', () => {
  it('is one of four', () => {
    expect(getsPlace({ atReceiver: AT_ONCE - 1, ofTenant: 3, ofAll: 3 })).toBe(true);
    expect(getsPlace({ atReceiver: AT_ONCE, ofTenant: 4, ofAll: 4 })).toBe(false);
  });

  it('is left for another tenant, whatever tenants with receivers without number take', () => {
    const taken = [0, 0, 0, 0, 0, 0];
    const all = () => taken.reduce((sum, one) => sum + one, 0);
    for (let round = 0; round < 1_000; round++)
      taken.forEach((ofTenant, tenant) => {
        if (getsPlace({ atReceiver: 0, ofTenant, ofAll: all() })) taken[tenant] = ofTenant + 1;
      });
    expect(all()).toBeLessThan(AT_ONCE_OF_ALL);
    expect(getsPlace({ atReceiver: 0, ofTenant: 0, ofAll: all() })).toBe(true);
  });

  it('is half of all for a tenant that comes alone, and half of the rest for the next', () => {
    let ofTenant = 0;
    while (getsPlace({ atReceiver: 0, ofTenant, ofAll: ofTenant })) ofTenant += 1;
    expect(ofTenant).toBe(AT_ONCE_OF_ALL / 2);
    let next = 0;
    while (getsPlace({ atReceiver: 0, ofTenant: next, ofAll: ofTenant + next })) next += 1;
    expect(next).toBe(AT_ONCE_OF_ALL / 4);
  });
});
