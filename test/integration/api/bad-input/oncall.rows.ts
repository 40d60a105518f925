import { newId } from '#libs/kernel';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';
import { onCallScheduleOf, onCallSwap, personSubject, team } from '../scan/service-things.js';

const headers = () => ({ 'idempotency-key': newId(), 'stellwerk-tenant': 'muster' });
const by =
  (as: NonNullable<Sent['as']>) => (method: string, path: string | (() => string), body?: unknown) => (): Sent => ({
    method,
    path: `/v1/on-call/${typeof path === 'string' ? path : path()}`,
    as,
    headers: headers(),
    ...(body === undefined ? {} : { body: typeof body === 'function' ? (body as () => unknown)() : body }),
  });
const call = by('msp/operator');

// what a row is about is made when its turn comes
let schedule = '';
let person = '';
let other = '';
let swap = '';
let madeTeam = '';
const given: More = {
  given: async ({ fixture: { database } }: World) => {
    const { admin } = database;
    const things = new Things(admin, 'muster');
    ({ id: schedule, person } = await onCallScheduleOf(things));
    other = await personSubject(things);
    swap = await onCallSwap(things, 'technician@msp');
    madeTeam = await team(things);
    // the people stay: nobody asks for them
    return async () => {
      for (const table of ['oncall_overrides', 'oncall_swaps', 'oncall_versions', 'oncall_schedules', 'teams'] as const)
        await admin.deleteFrom(table).execute();
    };
  },
};

const layer = { people: ['x@muster'], startsOn: '2026-01-05', handoverAt: '08:00', turnDays: 7 };
const wished = { name: 'Nights', timezone: 'Europe/Berlin', layers: [layer] };
const create = (change: object) => call('POST', 'schedules', { ...wished, ...change });
const layered = (change: object) => create({ layers: [{ ...layer, ...change }] });
const span = { from: '2030-01-01T08:00:00Z', to: '2030-01-02T08:00:00Z' };
const backwards = { from: span.to, to: span.from };
const onSchedule = (rest: string) => () => `schedules/${schedule}/${rest}`;
const override = (change: object) =>
  call('POST', onSchedule('overrides'), () => ({ ...span, person: other, ...change }));
const propose = (change: object, as: NonNullable<Sent['as']> = 'msp/operator') =>
  by(as)('POST', onSchedule('swaps'), () => ({ giver: person, taker: other, gives: span, ...change }));
const methods = (...list: readonly object[]) => call('PUT', 'contact-methods', { methods: list });
const unknown = (rest: string) => `${rest}/${NO_ID}`;

/** On-call schedules, teams and ways to reach somebody. */
export const oncallRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a schedule without a layer', create({ layers: [] }), at('layers', 'too_few')],
    ['a layer without people', layered({ people: [] }), at('layers.0.people', 'too_few')],
    ['hours of a day that no week has', layered({ hours: { montag: [] } }), at('layers.0.hours', 'not_hours')],
    ['a rest of three days', create({ restHours: 72 }), at('restHours', 'too_large')],
    ['a team without members', call('POST', 'teams', { name: 'Network', members: [] }), at('members', 'too_few')],
    [
      'a way to reach somebody that is none',
      methods({ kind: 'fax', address: '+491' }),
      at('methods.0.kind', 'not_allowed'),
    ],
    ['a calendar of what is no id', call('POST', 'calendar-feeds', { schedule: 'all' }), at('schedule', 'not_an_id')],
  ),
  ...answeredBy(
    422,
    'oncall.schedule_invalid',
    ['a schedule of a zone that is none', create({ timezone: 'Europe/Nuremberg' }), at('timezone', 'zone_unknown')],
    ['turns that end before they begin', layered({ endsOn: '2026-01-01' }), at('layers.0.endsOn', 'before_start')],
    ['turns from no date', layered({ startsOn: '2026-02-30' }), at('layers.0.startsOn', 'not_a_date')],
    ['a handover at no time', layered({ handoverAt: '25:00' }), at('layers.0.handoverAt', 'not_a_time')],
    [
      'a night in one interval',
      layered({ hours: { mon: [['22:00', '06:00']] } }),
      at('layers.0.hours.mon.0', 'not_hours'),
    ],
    [
      'a saved version without a zone',
      call('PUT', () => `schedules/${schedule}`, { ...wished, timezone: 'Mars' }),
      { ...given, ...at('timezone', 'zone_unknown') },
    ],
  ),
  ...answeredBy(
    422,
    'oncall.person_unknown',
    ['a schedule of nobody', create({}), at('layers.0.people.0', 'unknown')],
    ['a version of nobody', call('PUT', () => `schedules/${schedule}`, wished), given],
    ['a span of nobody', override({ person: 'x@muster' }), { ...given, ...at('person', 'unknown') }],
    ['a swap with nobody', propose({ taker: 'x@muster' }), { ...given, ...at('taker', 'unknown') }],
    ['a team of nobody', call('POST', 'teams', { name: 'N', members: ['x@muster'] }), at('members.0', 'unknown')],
    ['a changed team of nobody', call('PUT', () => `teams/${madeTeam}`, { name: 'N', members: ['x@muster'] }), given],
  ),
  ...answeredBy(
    409,
    'oncall.name_taken',
    [
      'a schedule that is called like another',
      call('POST', 'schedules', () => ({
        ...wished,
        name: `Nights ${schedule}`,
        layers: [{ ...layer, people: [other] }],
      })),
      { ...given, ...at('name', 'taken') },
    ],
    [
      'a schedule that becomes another by its name',
      call(
        'PUT',
        () => `schedules/${schedule}`,
        () => ({ ...wished, name: 'nights', layers: [{ ...layer, people: [other] }] }),
      ),
      {
        ...at('name', 'taken'),
        given: async (world) => {
          const undo = await given.given!(world);
          const row = { tenant_id: 'muster', id: newId(), name: 'Nights', rest_hours: 11, version: 1, created_by: 'x' };
          await world.fixture.database.admin.insertInto('oncall_schedules').values(row).execute();
          return undo;
        },
      },
    ],
    [
      'a team that is called like another',
      call('POST', 'teams', () => ({ name: `NETWORK ${madeTeam}`, members: [other] })),
      { ...given, ...at('name', 'taken') },
    ],
    [
      'a team that becomes another by its name',
      call(
        'PUT',
        () => `teams/${madeTeam}`,
        () => ({ name: 'Servers', members: [other] }),
      ),
      {
        ...at('name', 'taken'),
        given: async (world) => {
          const undo = await given.given!(world);
          const row = { tenant_id: 'muster', id: newId(), name: 'servers', members: ['x'], set_by: 'x' };
          await world.fixture.database.admin.insertInto('teams').values(row).execute();
          return undo;
        },
      },
    ],
  ),
  ...answeredBy(
    422,
    'oncall.span_invalid',
    ['a span that ends before it begins', override(backwards), { ...given, ...at('to', 'before_start') }],
    ['a span of a year', override({ to: '2031-01-01T08:00:00Z' }), { ...given, ...at('to', 'too_long') }],
    [
      'a swap that ends before it begins',
      propose({ gives: backwards }),
      { ...given, ...at('gives.to', 'before_start') },
    ],
    [
      'shifts that end before they begin',
      call('GET', () => `schedules/${schedule}/shifts?from=${backwards.from}&to=${backwards.to}`),
      given,
    ],
  ),
  ...answeredBy(
    409,
    'oncall.swap_impossible',
    ['what is not the giver’s', propose({ giver: 'y@muster' }), given],
    [
      'a swap that was answered before',
      by('msp/technician')('POST', () => `swaps/${swap}/answer`, { answer: 'accepted' }),
      {
        given: async (world) => {
          const undo = await given.given!(world);
          const answered = { status: 'refused', answered_by: 'technician@msp', answered_at: new Date(0) };
          await world.fixture.database.admin.updateTable('oncall_swaps').set(answered).execute();
          return undo;
        },
      },
    ],
  ),
  ...answeredBy(
    403,
    'access.denied',
    ['a swap of somebody else’s span', propose({}, 'msp/technician'), given],
    [
      'an answer to what was proposed to somebody else',
      call('POST', () => `swaps/${swap}/answer`, { answer: 'accepted' }),
      given,
    ],
  ),
  ...answeredBy(
    422,
    'oncall.contact_method_invalid',
    [
      'a number without its country',
      methods({ kind: 'sms', address: '089 123456' }),
      at('methods.0.address', 'not_a_number'),
    ],
    [
      'a mail address that is none',
      methods({ kind: 'mail', address: 'x@y' }),
      at('methods.0.address', 'not_a_mail_address'),
    ],
    [
      'the same way twice',
      methods({ kind: 'sms', address: '+4989123456' }, { kind: 'sms', address: '+4989123456' }),
      at('methods.1.address', 'twice'),
    ],
  ),
  ...answeredBy(
    404,
    'oncall.schedule_not_found',
    ['a schedule that does not exist', call('GET', unknown('schedules'))],
    ['a version of one that does not exist', call('PUT', unknown('schedules'), wished)],
    ['the end of one that does not exist', call('DELETE', unknown('schedules'))],
    ['shifts of one that does not exist', call('GET', `${unknown('schedules')}/shifts`)],
    ['swaps of one that does not exist', call('GET', `${unknown('schedules')}/swaps`)],
    ['a span in one that does not exist', call('POST', `${unknown('schedules')}/overrides`, { ...span, person: 'x' })],
    ['a swap in one that does not exist', call('POST', `${unknown('schedules')}/swaps`, { taker: 'x', gives: span })],
    ['a calendar of one that does not exist', call('POST', 'calendar-feeds', { schedule: NO_ID })],
    [
      'an answer within a schedule that is out of use',
      by('msp/technician')('POST', () => `swaps/${swap}/answer`, { answer: 'accepted' }),
      {
        given: async (world) => {
          const undo = await given.given!(world);
          await world.fixture.database.admin
            .updateTable('oncall_schedules')
            .set({ archived_at: new Date(0) })
            .execute();
          return undo;
        },
      },
    ],
  ),
  ...answeredBy(404, 'oncall.override_not_found', ['a span that does not exist', call('DELETE', unknown('overrides'))]),
  ...answeredBy(404, 'oncall.swap_not_found', [
    'an answer to a swap that does not exist',
    call('POST', `${unknown('swaps')}/answer`, { answer: 'accepted' }),
  ]),
  ...answeredBy(
    404,
    'oncall.team_not_found',
    ['a change of a team that does not exist', call('PUT', unknown('teams'), { name: 'N', members: ['x'] })],
    ['the end of a team that does not exist', call('DELETE', unknown('teams'))],
  ),
  ...answeredBy(404, 'oncall.feed_not_found', [
    'the end of a calendar address that does not exist',
    call('DELETE', unknown('calendar-feeds')),
  ]),
];
