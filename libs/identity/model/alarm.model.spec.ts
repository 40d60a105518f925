import { describe, expect, it } from '@jest/globals';
import { pauseAfter } from './alarm.model.js';

const HOUR = 3_600_000;

describe('an alarm that nobody acknowledges', () => {
  it('is told at least four times in the first hour, and never stops', () => {
    const hours = [1, 2, 3, 4].reduce((sum, number) => sum + pauseAfter(number), 0) / HOUR;
    expect(hours).toBe(1);
    expect(pauseAfter(10)).toBe(HOUR);
    expect(pauseAfter(1_000)).toBe(6 * HOUR);
  });
});
