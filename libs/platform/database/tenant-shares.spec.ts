import { describe, expect, it } from '@jest/globals';
import { TenantShares } from './tenant-shares.js';

/** Work that lasts until it is let go. */
function held() {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = (number: number) => (): Promise<number> => {
    begun.push(number);
    return new Promise((resolve) => ends.push(() => resolve(number)));
  };
  return { begun, work, end: (count = 1) => ends.splice(0, count).forEach((end) => end()) };
}

describe('shares of a pool', () => {
  it('leave connections to others while one tenant’s slow queries take all of its own', async () => {
    const shares = new TenantShares(10);
    const { begun, work, end } = held();
    const flood = Array.from({ length: 30 }, (_, n) => shares.within(['flooding'], work(n)));
    expect(begun.length).toBe(4);
    expect(await shares.within(['quiet'], () => Promise.resolve('at once'))).toBe('at once');
    expect(await shares.within(['flooding', 'quiet'], () => Promise.resolve('at once'))).toBe('at once');
    for (let ended = 4; begun.length < 30 || ended <= 30; ended += 4) {
      end(4);
      await Promise.all(flood.slice(0, ended));
    }
    expect(begun).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('give the place back when the work fails', async () => {
    const shares = new TenantShares(1);
    await expect(shares.within(['a'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await shares.within(['a'], () => Promise.resolve(1))).toBe(1);
  });

  it('do not let anybody wait for ever', async () => {
    const shares = new TenantShares(1, 10);
    const { work, end } = held();
    const first = shares.within(['a'], work(1));
    await expect(shares.within(['a'], work(2))).rejects.toThrow(/keeps all its connections busy/);
    end();
    expect(await first).toBe(1);
    expect(await shares.within(['a'], () => Promise.resolve(3))).toBe(3);
  });
});
