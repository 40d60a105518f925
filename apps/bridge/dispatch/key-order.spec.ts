import { describe, expect, it } from '@jest/globals';
import type { ReceivedRecord } from '#libs/platform/kafka';
import { inKeyOrder } from './key-order.js';

const record = (key: string | null, offset: number): ReceivedRecord => ({
  topic: 't',
  partition: 0,
  offset: BigInt(offset),
  key: key === null ? null : Buffer.from(key),
  value: null,
  headers: {},
  undecodable: {},
});

/** Work that ends when the test says so. */
function controlled() {
  const begun: number[] = [];
  const ends = new Map<number, (result: string) => void>();
  const work = (index: number) =>
    new Promise<string>((resolve) => {
      begun.push(index);
      ends.set(index, resolve);
    });
  return {
    begun,
    work,
    end: async (index: number, result = 'done') => void (ends.get(index)!(result), await new Promise(setImmediate)),
  };
}

describe('inKeyOrder', () => {
  it('works on keys side by side and on one key in order', async () => {
    const { begun, work, end } = controlled();
    const results = inKeyOrder(
      [record('a', 0), record('a', 1), record('b', 2), record(null, 3), record(null, 4)],
      work,
      () => false,
    );
    expect(begun).toEqual([0, 2, 3, 4]);
    await end(0);
    expect(begun).toEqual([0, 2, 3, 4, 1]);
    for (const index of [1, 2, 3, 4]) await end(index, `done ${index}`);
    expect(await results).toEqual(['done', 'done 1', 'done 2', 'done 3', 'done 4']);
  });

  it('does not begin what follows a result that holds, but goes on with other keys', async () => {
    const { begun, work, end } = controlled();
    const results = inKeyOrder(
      [record('a', 0), record('a', 1), record('b', 2), record('b', 3)],
      work,
      (result) => result === 'open',
    );
    await end(0, 'open');
    await end(2);
    await end(3);
    expect(begun).toEqual([0, 2, 3]);
    expect(await results).toEqual(['open', 'open', 'done', 'done']);
  });
});
