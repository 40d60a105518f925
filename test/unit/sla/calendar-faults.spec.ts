import { describe, expect, it } from '@jest/globals';
import { calendarFaults, isZone, type ServiceCalendar, type WallInterval } from '#libs/sla';

const office: ServiceCalendar = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] }, holidays: [] };
const faultsOf = (change: Partial<ServiceCalendar>) =>
  calendarFaults({ ...office, ...change }, isZone).map(({ path, code }) => `${path} ${code}`);
const monday = (...mon: readonly WallInterval[]) => ({ weekly: { mon } });

describe('a calendar', () => {
  it.each<[string, Partial<ServiceCalendar>, string[]]>([
    ['of office hours', {}, []],
    ['whose intervals touch, in any order', monday(['12:00', '18:00'], ['08:00', '12:00']), []],
    ['with a night shift in two intervals', { weekly: { mon: [['22:00', '24:00']], tue: [['00:00', '06:00']] } }, []],
    ['that is closed on a date by its own hours', { dates: { '2026-12-24': [] } }, []],
    ['of an offset instead of a zone', { timezone: '+02:00' }, ['timezone zone_unknown']],
    ['of a zone that is none', { timezone: 'Mars/Olympus' }, ['timezone zone_unknown']],
    ['of no hours', { weekly: {} }, ['weekly week_empty']],
    ['with a shift across midnight', monday(['22:00', '06:00']), ['weekly.mon.0 crosses_midnight']],
    ['that ends at the next day’s 00:00', monday(['22:00', '00:00']), ['weekly.mon.0 crosses_midnight']],
    ['with an interval of no length', monday(['08:00', '08:00']), ['weekly.mon.0 interval_empty']],
    ['of an hour beyond the day', monday(['24:00', '24:00']), ['weekly.mon.0 time_invalid']],
    ['of minutes beyond the hour', monday(['08:60', '09:00']), ['weekly.mon.0 time_invalid']],
    [
      'with one interval inside another',
      monday(['08:00', '18:00'], ['09:00', '10:00'], ['17:00', '19:00']),
      ['weekly.mon.1 intervals_overlap', 'weekly.mon.2 intervals_overlap'],
    ],
    ['with a date that no calendar has', { holidays: ['2026-02-29'] }, ['holidays.0 date_invalid']],
    ['with other hours on no date', { dates: { '24.12.': [] } }, ['dates.24.12. date_invalid']],
  ])('%s', (_what, change, faults) => {
    expect(faultsOf(change)).toEqual(faults);
  });

  it('across midnight is told in two intervals', () => {
    const [fault] = calendarFaults({ ...office, ...monday(['22:00', '06:00']) }, isZone);
    expect(fault!.message).toContain('["22:00","24:00"] and ["00:00","06:00"] on the next day');
  });
});
