import { describe, expect, it } from '@jest/globals';
import {
  doubleBookings,
  gapsIn,
  onCallAt,
  scheduleFaults,
  shiftsBetween,
  shortRests,
  type Layer,
  type OnCallSchedule,
} from '#libs/oncall';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const weekly: Layer = {
  id: 'week',
  people: ['anna', 'bert', 'cem'],
  startsOn: '2026-06-01',
  endsOn: null,
  handoverAt: '09:00',
  turnDays: 7,
  hours: null,
};
const schedule = (change: Partial<OnCallSchedule> = {}): OnCallSchedule => ({
  ...{ timezone: 'Europe/Berlin', layers: [weekly], overrides: [] },
  ...change,
});
const berlin = (text: string): number => Date.parse(`${text}+02:00`);
const told = (one: OnCallSchedule, from: number, to: number): string[] =>
  shiftsBetween(one, from, to).map(
    ({ person, from: begins, to: ends, source }) =>
      `${person} ${new Date(begins).toISOString()} ${new Date(ends).toISOString()} ${source}`,
  );

describe('a rotation', () => {
  it('hands over at its local hour, turn by turn, and begins again with the first', () => {
    expect(told(schedule(), berlin('2026-06-01T09:00:00'), berlin('2026-06-29T09:00:00'))).toEqual([
      'anna 2026-06-01T07:00:00.000Z 2026-06-08T07:00:00.000Z week',
      'bert 2026-06-08T07:00:00.000Z 2026-06-15T07:00:00.000Z week',
      'cem 2026-06-15T07:00:00.000Z 2026-06-22T07:00:00.000Z week',
      'anna 2026-06-22T07:00:00.000Z 2026-06-29T07:00:00.000Z week',
    ]);
  });

  it('has nobody before it begins, nor after its end', () => {
    const ended = schedule({ layers: [{ ...weekly, endsOn: '2026-06-10' }] });
    const shifts = shiftsBetween(ended, berlin('2026-05-31T09:00:00'), berlin('2026-06-12T09:00:00'));
    expect(gapsIn(shifts, berlin('2026-05-31T09:00:00'), berlin('2026-06-12T09:00:00'))).toEqual([
      { from: berlin('2026-05-31T09:00:00'), to: berlin('2026-06-01T09:00:00') },
      { from: berlin('2026-06-10T09:00:00'), to: berlin('2026-06-12T09:00:00') },
    ]);
  });

  it.each([
    ['spring', '2026-03-28', 23],
    ['autumn', '2026-10-24', 25],
  ])('of a day is as long as the day when the clock changes (%s)', (_season, startsOn, hours) => {
    const daily = { ...weekly, startsOn, turnDays: 1 };
    const from = Date.parse(`${startsOn}T00:00:00Z`);
    const [first, ...rest] = shiftsBetween(schedule({ layers: [daily] }), from, from + 3 * DAY_MS);
    expect([first!, ...rest].map((shift) => (shift.to - shift.from) / HOUR_MS)[0]).toBe(hours);
  });

  it('hands over beside the hour that the clock skips or shows twice', () => {
    const daily = { ...weekly, startsOn: '2026-03-28', turnDays: 1, handoverAt: '02:30' };
    const [first] = shiftsBetween(
      schedule({ layers: [daily] }),
      Date.parse('2026-03-28T01:30:00Z'),
      Date.parse('2026-03-30T00:00:00Z'),
    );
    expect(new Date(first!.to).toISOString()).toBe('2026-03-29T01:30:00.000Z');
  });

  it('in hours of its own leaves the others to the layer below', () => {
    const night: Layer = {
      ...{ ...weekly, id: 'night', people: ['nils'], turnDays: 1 },
      hours: { mon: [['22:00', '24:00']], tue: [['00:00', '06:00']] },
    };
    expect(
      told(schedule({ layers: [weekly, night] }), berlin('2026-06-01T12:00:00'), berlin('2026-06-02T12:00:00')),
    ).toEqual([
      'anna 2026-06-01T10:00:00.000Z 2026-06-01T20:00:00.000Z week',
      'nils 2026-06-01T20:00:00.000Z 2026-06-02T04:00:00.000Z night',
      'anna 2026-06-02T04:00:00.000Z 2026-06-02T10:00:00.000Z week',
    ]);
  });

  it('of the people of several zones is one order of instants', () => {
    const east: OnCallSchedule = schedule({ timezone: 'Asia/Tokyo', layers: [{ ...weekly, turnDays: 1 }] });
    const [first] = shiftsBetween(east, Date.parse('2026-06-01T00:00:00Z'), Date.parse('2026-06-02T00:00:00Z'));
    expect(first).toMatchObject({ person: 'anna', from: Date.parse('2026-06-01T00:00:00Z') });
  });
});

describe('an override', () => {
  const [from, to] = [berlin('2026-06-03T18:00:00'), berlin('2026-06-04T08:00:00')];

  it('takes its span from the layers, and the last one wins', () => {
    const overrides = [
      { id: 'o1', person: 'dora', from, to },
      { id: 'o2', person: 'emil', from: from + HOUR_MS, to: from + 2 * HOUR_MS },
    ];
    expect(shiftsBetween(schedule({ overrides }), from - HOUR_MS, to + HOUR_MS).map(({ person }) => person)).toEqual([
      'anna',
      'dora',
      'emil',
      'dora',
      'anna',
    ]);
  });

  it('as a swap is two', () => {
    const overrides = [
      { id: 's1', person: 'bert', from: berlin('2026-06-01T09:00:00'), to: berlin('2026-06-08T09:00:00') },
      { id: 's2', person: 'anna', from: berlin('2026-06-08T09:00:00'), to: berlin('2026-06-15T09:00:00') },
    ];
    const swapped = schedule({ overrides });
    expect(onCallAt(swapped, from)).toMatchObject({ now: { person: 'bert' }, next: { person: 'anna' } });
    expect(onCallAt(swapped, from + 7 * DAY_MS)).toMatchObject({ now: { person: 'anna' }, next: { person: 'cem' } });
  });
});

describe('what a schedule warns of', () => {
  it('is somebody at two places at once', () => {
    const [from, to] = [berlin('2026-06-01T09:00:00'), berlin('2026-06-03T09:00:00')];
    const first = shiftsBetween(schedule(), from, to);
    const second = shiftsBetween(
      schedule({ layers: [{ ...weekly, people: ['anna', 'bert'], turnDays: 1 }] }),
      from,
      to,
    );
    expect(doubleBookings({ network: second, servers: first })).toEqual([
      { person: 'anna', from, to: from + DAY_MS, schedules: ['network', 'servers'] },
    ]);
  });

  const daily = schedule({ layers: [{ ...weekly, people: ['anna', 'bert', 'cem'], turnDays: 1, hours: day() }] });
  const shifts = shiftsBetween(daily, berlin('2026-06-01T00:00:00'), berlin('2026-06-05T00:00:00'));
  const callOut = (person: string, from: string, to: string) => ({ person, from: berlin(from), to: berlin(to) });

  it('is a call-out that leaves less than eleven hours before the next shift, with a later start and who could swap', () => {
    // Bert’s day is Tuesday from 9; Cem was called out in the same night
    const calls = [
      callOut('bert', '2026-06-01T23:00:00', '2026-06-02T01:00:00'),
      callOut('cem', '2026-06-02T02:00:00', '2026-06-02T03:00:00'),
    ];
    expect(shortRests(calls.slice(0, 1), shifts, ['anna', 'bert', 'cem'])).toMatchObject([
      { person: 'bert', restHours: 8, laterStart: berlin('2026-06-02T12:00:00'), swapWith: ['anna', 'cem'] },
    ]);
    expect(shortRests(calls, shifts, ['anna', 'bert', 'cem'])[0]).toMatchObject({ swapWith: ['anna'] });
    expect(shortRests(calls.slice(0, 1), shifts, [], 8)).toEqual([]);
  });

  it('has no later start to offer when the shift is over by then', () => {
    const late = callOut('bert', '2026-06-02T00:00:00', '2026-06-02T08:59:00');
    expect(shortRests([late], shifts, [], 11)).toMatchObject([{ laterStart: null }]);
  });
});

function day(): NonNullable<Layer['hours']> {
  return Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((name) => [name, [['09:00', '17:00'] as const]]));
}

describe('a schedule', () => {
  const isZone = (name: string) => name.startsWith('Europe/');
  it.each<[string, Partial<OnCallSchedule>, string[]]>([
    ['that can be kept', {}, []],
    ['of no layer', { layers: [] }, ['layers too_few']],
    ['of no people', { layers: [{ ...weekly, people: [] }] }, ['layers.0.people too_few']],
    ['of a zone that is none', { timezone: 'Mars/Olympus' }, ['timezone zone_unknown']],
    ['that ends before it begins', { layers: [{ ...weekly, endsOn: '2026-05-01' }] }, ['layers.0.endsOn before_start']],
    ['of a date that is none', { layers: [{ ...weekly, startsOn: '2026-02-30' }] }, ['layers.0.startsOn not_a_date']],
    ['of a turn of no length', { layers: [{ ...weekly, turnDays: 0 }] }, ['layers.0.turnDays not_days']],
    [
      'of hours across midnight',
      { layers: [{ ...weekly, hours: { mon: [['22:00', '06:00']] } }] },
      ['layers.0.hours.mon.0 not_hours'],
    ],
    [
      'with an override that ends before it begins',
      { overrides: [{ id: 'o', person: 'anna', from: 2, to: 1 }] },
      ['overrides.0.to before_start'],
    ],
  ])('%s', (_what, change, faults) => {
    expect(scheduleFaults(schedule(change), isZone).map(({ path, code }) => `${path} ${code}`)).toEqual(faults);
  });
});
