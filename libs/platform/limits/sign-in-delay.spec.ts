import { describe, expect, it } from '@jest/globals';
import { networkOf } from './marks.js';
import { delayAfter, waitAfter, type FailureKind } from './sign-in-delay.js';

describe('the pause after failed sign-ins', () => {
  it.each<[FailureKind, number, number]>([
    ['stranger', 4, 0],
    ['stranger', 5, 1],
    ['stranger', 6, 2],
    ['stranger', 8, 8],
    ['stranger', 1_000, 60],
    ['known', 1_000, 60],
    ['address', 19, 0],
    ['address', 20, 1],
    ['address', 25, 32],
    ['address', 1_000, 900],
  ])('by %s after %d failures is %d s', (kind, failures, seconds) => {
    expect(delayAfter(kind, failures)).toBe(seconds);
  });

  it('passes with the time', () => {
    expect(waitAfter('stranger', 8, 3)).toBe(5);
    expect(waitAfter('stranger', 8, 9)).toBe(0);
  });
});

describe('an address', () => {
  it('is an IPv4 address, or the /64 of IPv6: whoever has one has all of it', () => {
    expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
    expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff::9'));
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
    expect(networkOf('unix')).toBe('unix');
  });
});
