import { answeredBy, at, type Sent } from './row.js';

const weekly = { mon: [['08:00', '18:00']] };
const office = { timezone: 'Europe/Berlin', weekly, holidays: [] };
const from = '2026-11-23T09:00:00+01:00';
const preview = (change: object) => (): Sent => ({
  method: 'POST',
  path: '/v1/sla/preview',
  as: 'muster/requester',
  body: { calendar: office, targetMinutes: 60, startedAt: from, now: from, ...change },
});
const calendar = (change: object) => preview({ calendar: { ...office, ...change } });
const monday = (...intervals: readonly (readonly string[])[]) => calendar({ weekly: { mon: intervals } });

/** Clocks and calendars. */
export const slaRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a case without a calendar', preview({ calendar: undefined }), at('calendar', 'missing')],
    ['a weekday that no week has', calendar({ weekly: { montag: [] } }), at('calendar.weekly', 'not_a_week')],
    ['hours that are no pairs', monday(['08:00']), at('calendar.weekly', 'not_a_week')],
    ['other hours without a date', calendar({ dates: [] }), at('calendar.dates', 'not_hours_by_date')],
    ['a target below zero', preview({ targetMinutes: -1 }), at('targetMinutes', 'too_small')],
    ['a target in words', preview({ targetMinutes: '1 h' }), at('targetMinutes', 'not_a_number')],
    ['a start without a zone', preview({ startedAt: '2026-11-23T09:00:00' }), at('startedAt', 'not_a_date_time')],
  ),
  ...answeredBy(422, 'sla.zone_unknown', [
    'a calendar of a zone that is none',
    calendar({ timezone: 'Europe/Nuremberg' }),
    at('calendar.timezone', 'zone_unknown'),
  ]),
  ...answeredBy(422, 'sla.week_empty', [
    'a calendar that is never open',
    calendar({ weekly: { mon: [] } }),
    at('calendar.weekly', 'week_empty'),
  ]),
  ...answeredBy(422, 'sla.intervals_overlap', [
    'intervals of a day that overlap',
    monday(['13:00', '18:00'], ['08:00', '13:30']),
    at('calendar.weekly.mon.0', 'intervals_overlap'),
  ]),
  ...answeredBy(422, 'sla.interval_crosses_midnight', [
    'a night shift in one interval',
    monday(['22:00', '06:00']),
    at('calendar.weekly.mon.0', 'crosses_midnight'),
  ]),
  ...answeredBy(
    422,
    'sla.interval_invalid',
    ['an hour that no day has', monday(['08:00', '25:00']), at('calendar.weekly.mon.0', 'time_invalid')],
    ['an interval without length', monday(['08:00', '08:00']), at('calendar.weekly.mon.0', 'interval_empty')],
  ),
  ...answeredBy(422, 'sla.date_invalid', [
    'a holiday on a date that the year does not have',
    calendar({ holidays: ['2026-02-29'] }),
    at('calendar.holidays.0', 'date_invalid'),
  ]),
  ...answeredBy(422, 'sla.end_before_start', [
    'a pause that ends before it begins',
    preview({ pauses: [{ from, to: '2026-11-23T08:00:00+01:00' }] }),
    at('pauses.0.to', 'before_start'),
  ]),
  ...answeredBy(422, 'sla.proportional_without_target', [
    'a share of no target',
    preview({ targetMinutes: 0, changes: [{ at: from, targetMinutes: 60, policy: 'proportional' }] }),
  ]),
  ...answeredBy(422, 'sla.target_out_of_reach', [
    'a target that the calendar never reaches',
    preview({ calendar: { ...office, weekly: { mon: [['08:00', '08:01']] } }, targetMinutes: 5_000_000 }),
  ]),
];
