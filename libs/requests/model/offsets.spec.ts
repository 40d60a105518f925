import { describe, expect, it } from '@jest/globals';
import { daysAway, isOffset, minutesAfter, startOfDay } from './offsets.js';

const BERLIN = 'Europe/Berlin';

describe('days away', () => {
  it.each([
    [
      'over the change to summer time the hour on the wall stays',
      '2026-03-28T16:00:00.000Z',
      1,
      BERLIN,
      '2026-03-29T15:00:00.000Z',
    ],
    [
      'over the change to winter time it stays as well',
      '2026-10-24T15:00:00.000Z',
      2,
      BERLIN,
      '2026-10-26T16:00:00.000Z',
    ],
    ['backwards over a change', '2026-03-31T15:00:00.000Z', -7, BERLIN, '2026-03-24T16:00:00.000Z'],
    ['over the end of a month', '2026-01-31T08:00:00.000Z', 30, BERLIN, '2026-03-02T08:00:00.000Z'],
    ['over a leap day', '2028-02-28T08:00:00.000Z', 1, BERLIN, '2028-02-29T08:00:00.000Z'],
    [
      'where the clock is put forward by half an hour',
      '2026-10-03T04:00:00.000Z',
      1,
      'Australia/Lord_Howe',
      '2026-10-04T03:30:00.000Z',
    ],
    ['where there is no change', '2026-03-28T16:00:00.000Z', 1, 'Asia/Kathmandu', '2026-03-29T16:00:00.000Z'],
    ['none', '2026-03-28T16:00:00.000Z', 0, BERLIN, '2026-03-28T16:00:00.000Z'],
  ])('%s', (_what, instant, days, zone, expected) => {
    expect(daysAway(instant, days, zone)).toBe(expected);
  });

  it('at an hour that the clock leaves out mean the hour after the gap', () => {
    expect(daysAway('2026-03-28T01:30:00.000Z', 1, BERLIN)).toBe('2026-03-29T01:30:00.000Z');
  });

  it('at an hour that the clock shows twice mean the first', () => {
    expect(daysAway('2026-10-24T00:30:00.000Z', 1, BERLIN)).toBe('2026-10-25T00:30:00.000Z');
  });

  it.each([[-7], [0], [30]])('%d are allowed', (days) => expect(isOffset(days)).toBe(true));
  it.each([[-8], [31], [0.5], ['1'], [null], [Number.NaN]])('%p are not', (days) => expect(isOffset(days)).toBe(false));
});

describe('instants', () => {
  it('so many minutes later', () => {
    expect(minutesAfter('2026-03-29T00:59:00.000Z', 15)).toBe('2026-03-29T01:14:00.000Z');
  });

  it('at the start of a day, also of one without a midnight', () => {
    expect(startOfDay('2026-11-22T12:00:00.000Z', BERLIN)).toBe('2026-11-21T23:00:00.000Z');
    // Lebanon put its clock forward at midnight
    expect(startOfDay('2022-03-27T12:00:00.000Z', 'Asia/Beirut')).toBe('2022-03-26T22:00:00.000Z');
  });
});
