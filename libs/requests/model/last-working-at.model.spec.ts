import { describe, expect, it } from '@jest/globals';
import { isLastWorkingAt, lastWorkingInstant } from './last-working-at.model.js';

const NOW = new Date('2026-03-01T12:00:00.900Z');
const instant = (text: string, zone = 'Europe/Berlin', now = NOW) => lastWorkingInstant(text, zone, now).toISOString();

describe('a last working hour', () => {
  it.each([
    ['2026-03-27T17:00', 'Europe/Berlin', '2026-03-27T16:00:00.000Z'],
    ['2026-03-30T17:00', 'Europe/Berlin', '2026-03-30T15:00:00.000Z'],
    ['2026-03-30T17:00:30', 'Asia/Kathmandu', '2026-03-30T11:15:30.000Z'],
    ['2026-03-30T17:00:00.5Z', 'Europe/Berlin', '2026-03-30T17:00:00.500Z'],
    ['2026-03-30T17:00Z', 'Europe/Berlin', '2026-03-30T17:00:00.000Z'],
    ['2026-03-30T17:00-05:30', 'Europe/Berlin', '2026-03-30T22:30:00.000Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(instant(text, zone)).toBe(expected);
  });

  it('is the earlier one when the clock shows it twice', () => {
    expect(instant('2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
  });

  it.each(['2026-03-29T02:00', '2026-03-29T02:59:59'])(
    '%s is refused, because the clock is put forward over it',
    (text) => {
      expect(() => instant(text)).toThrow(expect.objectContaining({ code: 'request.last_working_at_nonexistent' }));
    },
  );

  it('is compared with now to the second', () => {
    expect(instant('2026-03-01T12:00:00Z')).toBe('2026-03-01T12:00:00.000Z');
    expect(() => instant('2026-03-01T11:59:59Z')).toThrow(
      expect.objectContaining({ code: 'request.last_working_at_past' }),
    );
  });

  it('lies at most 400 days ahead', () => {
    expect(instant('2027-04-05T12:00:00Z')).toBe('2027-04-05T12:00:00.000Z');
    expect(() => instant('2027-04-05T12:00:01Z')).toThrow(
      expect.objectContaining({ code: 'request.last_working_at_too_far' }),
    );
  });

  it.each([
    '',
    '2026-03-30',
    '2026-03-30 17:00',
    '2026-02-30T17:00',
    '2026-03-30T24:00',
    '2026-03-30T17:60',
    '2026-03-30T17:00+2',
    '2026-03-30T17:00.5',
    '+002026-03-30T17:00',
    '2026-03-30T17:00[Europe/Berlin]',
  ])('is not %p', (text) => expect(isLastWorkingAt(text)).toBe(false));
});
