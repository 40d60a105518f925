import { describe, expect, it } from '@jest/globals';
import { inSendOrder } from './send-order.js';

const row = (key: string, sequence: number) => ({ key, sequence });

describe('inSendOrder', () => {
  it('puts the rows of a key in the order of their sequence, whatever the order of their ids', () => {
    expect(inSendOrder([row('a', 3), row('b', 7), row('a', 2)])).toEqual([row('a', 2), row('a', 3), row('b', 7)]);
  });

  it('keeps back what stands behind a gap', () => {
    expect(inSendOrder([row('a', 4), row('a', 6), row('a', 7), row('b', 1)])).toEqual([row('a', 4), row('b', 1)]);
  });
});
