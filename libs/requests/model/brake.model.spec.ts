import { describe, expect, it } from '@jest/globals';
import { brakeReason, limitFor, touchedBy, touchedInBusiestHour, type Touch } from './brake.model.js';

const MINUTE = 60_000;
const START = Date.parse('2027-01-29T16:00:00Z');
const touch = (minute: number, ...touches: string[]): Touch => ({ at: START + minute * MINUTE, touches });

describe('the fullest hour around a start', () => {
  it('counts what is touched once, itself among it', () => {
    expect(touchedInBusiestHour(touch(0, 'user:a'), [])).toBe(1);
    expect(touchedInBusiestHour(touch(0, 'user:a'), [touch(10, 'user:a'), touch(20, 'user:b')])).toBe(2);
  });

  it('is any span of 60 minutes that holds the start, before, after or around it', () => {
    const others = [touch(-50, 'user:b'), touch(-30, 'user:c'), touch(20, 'user:d'), touch(25, 'user:e')];
    // −30 … +25 holds three others, −50 … 0 two
    expect(touchedInBusiestHour(touch(0, 'user:a'), others)).toBe(4);
  });

  it('leaves out what is an hour away or more', () => {
    expect(touchedInBusiestHour(touch(0, 'user:a'), [touch(60, 'user:b'), touch(-60, 'user:c')])).toBe(1);
    expect(touchedInBusiestHour(touch(0, 'user:a'), [touch(59, 'user:b'), touch(-59, 'user:c')])).toBe(2);
  });

  it('counts all that one plan touches', () => {
    expect(touchedInBusiestHour(touch(0, 'device:1', 'device:2'), [touch(1, 'device:2', 'device:3')])).toBe(3);
  });
});

describe('the brake', () => {
  it('waits above the limit, not at it', () => {
    expect(brakeReason(10, 10)).toBeNull();
    expect(brakeReason(11, 10)).toMatchObject({ code: 'request.brake', text: expect.stringContaining('11') });
  });

  it('holds whoever set the limit to the usual one', () => {
    const settings = { accountsPerHour: 500, setBy: 'Owner@msp' };
    expect(limitFor(settings, 'owner@msp')).toBe(10);
    expect(limitFor(settings, 'approver@muster')).toBe(500);
    expect(limitFor({ ...settings, accountsPerHour: 3 }, 'owner@msp')).toBe(3);
    expect(limitFor({ accountsPerHour: 10, setBy: null }, null)).toBe(10);
  });

  it('knows an account by its name, whatever the case', () => {
    expect(touchedBy({ subject: { kind: 'user', name: 'Eva.Beck' } })).toEqual(['user:eva.beck']);
  });
});
