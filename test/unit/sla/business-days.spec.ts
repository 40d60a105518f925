import { describe, expect, it } from '@jest/globals';
import { ALWAYS, businessDaysAfter, type ServiceCalendar } from '#libs/sla';

const day = [['08:00', '18:00']] as const;
const office: ServiceCalendar = {
  timezone: 'Europe/Berlin',
  weekly: { mon: day, tue: day, wed: day, thu: day, fri: day },
  holidays: ['2026-12-25'],
};
const after = (since: string, days: number, calendar = office) => {
  const at = businessDaysAfter(calendar, Date.parse(since), days);
  return at === null ? null : new Date(at).toISOString();
};

describe('business days', () => {
  it('begin when the calendar opens, by its zone, and leave out weekends and holidays', () => {
    // Wednesday afternoon
    expect(after('2026-11-25T14:00:00Z', 1)).toBe('2026-11-26T07:00:00.000Z');
    expect(after('2026-11-25T14:00:00Z', 3)).toBe('2026-11-30T07:00:00.000Z');
    expect(after('2026-12-23T14:00:00Z', 2)).toBe('2026-12-28T07:00:00.000Z');
    // across the change to summer time
    expect(after('2026-03-27T14:00:00Z', 1)).toBe('2026-03-30T06:00:00.000Z');
  });

  it('count from the day after, whether it was opened then or not', () => {
    expect(after('2026-11-28T14:00:00Z', 1)).toBe('2026-11-30T07:00:00.000Z');
    expect(after('2026-11-25T03:00:00Z', 1)).toBe('2026-11-26T07:00:00.000Z');
  });

  it('around the clock are dates, and a calendar that never opens has none', () => {
    expect(after('2026-11-28T14:00:00Z', 2, ALWAYS)).toBe('2026-11-30T00:00:00.000Z');
    expect(after('2026-11-28T14:00:00Z', 1, { ...office, weekly: {} })).toBeNull();
  });
});
