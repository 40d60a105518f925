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

const promised = (method: string, path: string, body?: object) => (): Sent => ({
  method,
  path: `/v1/sla/${path}`,
  as: 'msp/operator',
  headers: { 'stellwerk-tenant': 'muster' },
  ...(body === undefined ? {} : { body }),
});
const week = { timezone: 'Europe/Berlin', weekly };
const line = (change: object) => ({ targets: { resolution: 60 }, calendar: 'always', ...change });
const policy = (change: object) => promised('PUT', 'policies/gold', { lines: [line(change)] });
const saved = (change: object) => promised('PUT', 'calendars/office', { ...week, ...change });
const whatIf = (change: object) =>
  promised('POST', 'what-if', {
    ...{ from: '2020-01-01T00:00:00Z', to: '2021-01-01T00:00:00Z', targets: { resolution: 60 }, ...change },
  });

/** Clocks, calendars and what is promised. */
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
  ...answeredBy(
    400,
    'sla.name_invalid',
    ['a calendar with a name that none has', promised('GET', 'calendars/Büro')],
    ['a calendar saved under such a name', promised('PUT', 'calendars/B', week)],
    ['a preview of one', promised('POST', 'calendars/B/preview', week)],
    ['a tier with a name that none has', promised('GET', 'policies/Gold')],
    ['a policy saved under such a name', promised('PUT', 'policies/Gold', { lines: [line({})] })],
    ['a preview of one', promised('POST', 'policies/Gold/preview', { lines: [line({})] })],
  ),
  ...answeredBy(404, 'sla.calendar_not_found', ['a calendar that nobody saved', promised('GET', 'calendars/nowhere')]),
  ...answeredBy(
    404,
    'sla.tier_unknown',
    ['a tier that nobody promised anything', promised('GET', 'policies/nowhere')],
    ['a customer’s tier that is none', promised('PUT', 'tier', { tier: 'nowhere' })],
    ['a preview of a tier that is none', promised('POST', 'tier/preview', { tier: 'nowhere' })],
  ),
  ...answeredBy(
    422,
    'sla.policy_invalid',
    ['a target of zero', policy({ targets: { resolution: 0 } }), at('lines.0.targets.resolution', 'not_above_zero')],
    ['a target below zero', policy({ targets: { update: -5 } }), at('lines.0.targets.update', 'not_above_zero')],
    ['a target of two years', policy({ targets: { update: 1e6 } }), at('lines.0.targets.update', 'too_large')],
    ['a line that promises nothing', policy({ targets: {} }), at('lines.0.targets', 'too_few')],
    [
      'a line with a calendar that is none',
      policy({ calendar: 'nowhere' }),
      at('lines.0.calendar', 'calendar_unknown'),
    ],
    [
      'two lines for the same tickets',
      promised('PUT', 'policies/gold', { lines: [line({}), line({})] }),
      at('lines.1', 'twice'),
    ],
    [
      'a preview of a target of zero',
      promised('POST', 'policies/gold/preview', { lines: [line({ targets: { resolution: 0 } })] }),
      at('lines.0.targets.resolution', 'not_above_zero'),
    ],
  ),
  ...answeredBy(
    422,
    'request.invalid',
    ['a policy without lines', promised('PUT', 'policies/gold', { lines: [] }), at('lines', 'too_few')],
    ['a target of what is none', policy({ targets: { speed: 1 } }), at('lines.0.targets', 'not_targets')],
    ['a region of no country', saved({ region: { country: 'Germany' } }), at('region.country', 'not_a_country')],
    ['a region of no state', saved({ region: { country: 'DE', state: 'Bavaria' } }), at('region.state', 'not_a_state')],
    ['a calendar with a name that none has', policy({ calendar: 'Büro' }), at('lines.0.calendar', 'not_a_name')],
    ['a proposed target of nothing', whatIf({ targets: { resolution: 0 } }), at('targets', 'not_a_proposal')],
  ),
  ...[
    ['sla.zone_unknown', { timezone: 'Mars' }, 'timezone', 'zone_unknown'] as const,
    ['sla.week_empty', { weekly: {} }, 'weekly', 'week_empty'] as const,
    [
      'sla.intervals_overlap',
      {
        weekly: {
          mon: [
            ['08:00', '13:00'],
            ['12:00', '18:00'],
          ],
        },
      },
      'weekly.mon.1',
      'intervals_overlap',
    ] as const,
    [
      'sla.interval_crosses_midnight',
      { weekly: { mon: [['22:00', '06:00']] } },
      'weekly.mon.0',
      'crosses_midnight',
    ] as const,
    ['sla.interval_invalid', { weekly: { mon: [['8', '18:00']] } }, 'weekly.mon.0', 'time_invalid'] as const,
    ['sla.date_invalid', { holidays: ['2026-02-30'] }, 'holidays.0', 'date_invalid'] as const,
  ].flatMap(([code, change, path, field]) =>
    answeredBy(
      422,
      code,
      [`a saved calendar: ${code}`, saved(change), at(path, field)],
      [
        `a previewed calendar: ${code}`,
        promised('POST', 'calendars/office/preview', { ...week, ...change }),
        at(path, field),
      ],
    ),
  ),
  ...answeredBy(422, 'sla.end_before_start', [
    'a what-if over a span that ends before it begins',
    whatIf({ to: '2019-01-01T00:00:00Z' }),
    at('to', 'before_start'),
  ]),
  ...answeredBy(
    404,
    'sla.region_unknown',
    ['holidays of a country that is none', promised('GET', 'holidays?country=XX&year=2027')],
    ['holidays of a state that is none', promised('GET', 'holidays?country=DE&state=ZZ&year=2027')],
  ),
  ...answeredBy(400, 'http.invalid_query', ['holidays of no year', promised('GET', 'holidays?country=DE&year=soon')]),
  ...answeredBy(400, 'sla.name_invalid', [
    'holidays of a calendar with a name that none has',
    promised('POST', 'calendars/B/holidays', { year: 2027, dates: [] }),
  ]),
  ...answeredBy(404, 'sla.calendar_not_found', [
    'holidays of a calendar that nobody saved',
    promised('POST', 'calendars/nowhere/holidays', { year: 2027, dates: [] }),
  ]),
  ...answeredBy(422, 'sla.date_invalid', [
    'a holiday of another year',
    promised('POST', 'calendars/office/holidays', { year: 2027, dates: ['2026-12-24'] }),
    {
      ...at('dates.0', 'date_invalid'),
      given: async ({ fixture: { database } }) => {
        const body = JSON.stringify({ ...week, holidays: [], dates: {}, region: null, confirmed: [] });
        const row = { tenant_id: 'muster', name: 'office', version: 1, body, counts_from: new Date(0), saved_by: 'x' };
        await database.admin.insertInto('sla_calendars').values(row).execute();
        return async () => void (await database.admin.deleteFrom('sla_calendars').execute());
      },
    },
  ]),
];
