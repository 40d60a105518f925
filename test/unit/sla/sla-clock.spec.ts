import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ALWAYS,
  openings,
  readClock,
  WEEKDAYS,
  type ClockLife,
  type Pause,
  type ServiceCalendar,
  type WallInterval,
} from '#libs/sla';
import { countMinuteByMinute, isOpen } from './minute-by-minute.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** A zone, and an instant before something happens to its clock, or nothing does. */
const PLACES = [
  ['Europe/Berlin, spring', 'Europe/Berlin', '2026-03-28T00:00:00Z'],
  ['Europe/Berlin, autumn', 'Europe/Berlin', '2026-10-24T00:00:00Z'],
  ['Europe/Berlin, an ordinary week', 'Europe/Berlin', '2026-06-01T00:00:00Z'],
  ['half an hour of summer time', 'Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
  ['half an hour of summer time, spring', 'Australia/Lord_Howe', '2026-10-02T18:00:00Z'],
  ['fourteen hours ahead', 'Pacific/Kiritimati', '2026-06-01T00:00:00Z'],
  ['eleven hours behind', 'Pacific/Pago_Pago', '2026-06-01T00:00:00Z'],
  ['a date that was left out', 'Pacific/Apia', '2011-12-29T00:00:00Z'],
  ['a clock that changes at midnight', 'Asia/Beirut', '2026-03-28T00:00:00Z'],
  ['a clock that is put back to the day before', 'America/Havana', '2026-10-31T00:00:00Z'],
  ['three quarters of an hour', 'Asia/Kathmandu', '2026-06-01T00:00:00Z'],
] as const;

const clockTime = fc
  .integer({ min: 0, max: 48 })
  .map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`);

const intervals: fc.Arbitrary<WallInterval[]> = fc
  .uniqueArray(clockTime, { minLength: 0, maxLength: 4 })
  .map((times) => times.sort())
  .map((times) => Array.from({ length: Math.floor(times.length / 2) }, (_, i) => [times[2 * i]!, times[2 * i + 1]!]));

function calendars(timezone: string, start: number): fc.Arbitrary<ServiceCalendar> {
  const date = fc
    .integer({ min: 0, max: 5 })
    .map((day) => new Date(start + day * 86_400_000).toISOString().slice(0, 10));
  return fc
    .record({
      weekly: fc.record(Object.fromEntries(WEEKDAYS.map((day) => [day, intervals]))),
      holidays: fc.uniqueArray(date, { maxLength: 1 }),
      dates: fc.dictionary(date, intervals, { maxKeys: 1 }),
    })
    .map((rest) => ({ ...rest, timezone }))
    .filter(({ weekly }) => WEEKDAYS.every((day) => (weekly[day] ?? []).length > 0));
}

const minutes = (max: number, min = 0) => fc.integer({ min, max });

function lives(timezone: string, start: number): fc.Arbitrary<ClockLife> {
  const instant = minutes(4 * DAY_MINUTES).map((minute) => start + minute * MINUTE_MS);
  return fc.record({
    calendar: calendars(timezone, start),
    targetMinutes: minutes(1_500, 1),
    startedAt: minutes(DAY_MINUTES).map((minute) => start + minute * MINUTE_MS),
    pauses: fc.array(
      fc.tuple(instant, fc.option(minutes(DAY_MINUTES))).map(([from, length]) => ({
        ...{ from, to: length === null ? null : from + length * MINUTE_MS },
      })),
      { maxLength: 3 },
    ),
    changes: fc.array(
      fc.record({
        at: instant,
        targetMinutes: minutes(1_500, 1),
        policy: fc.constantFrom('proportional', 'recompute', 'reset'),
      }),
      { maxLength: 3 },
    ),
  });
}

describe.each(PLACES)('%s', (_name, timezone, from) => {
  const start = Date.parse(from);
  const nowOf = minutes(5 * DAY_MINUTES).map((minute) => start + minute * MINUTE_MS);

  it('opens and closes as a wall clock shows it, minute by minute', () => {
    fc.assert(
      fc.property(calendars(timezone, start), (calendar) => {
        const end = start + 4 * DAY_MINUTES * MINUTE_MS;
        const open = new Set<number>();
        for (const span of openings(calendar, start)) {
          if (span.from >= end) break;
          for (let at = span.from; at < Math.min(span.to, end); at += MINUTE_MS) open.add(at);
        }
        for (let at = start; at < end; at += 5 * MINUTE_MS)
          expect([new Date(at).toISOString(), open.has(at)]).toEqual([
            new Date(at).toISOString(),
            isOpen(calendar, at),
          ]);
      }),
      { numRuns: 4 },
    );
  });

  it('counts what somebody counts who looks at the clock each minute', () => {
    fc.assert(
      fc.property(lives(timezone, start), nowOf, (life, now) => {
        const horizon = start + 7 * DAY_MINUTES * MINUTE_MS;
        const counted = countMinuteByMinute(life, now, horizon);
        const read = readClock(life, now);
        expect(read.elapsedMinutes).toBeCloseTo(counted.elapsedMinutes, 3);
        const near = (at: number | null): number | null => (at !== null && at < horizon ? at : null);
        expect(closeTo(near(read.dueAt), counted.dueAt)).toBe(true);
        expect(closeTo(near(read.warnAt), counted.warnAt)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });
});

/** The same to the millisecond that a share may be rounded by. */
function closeTo(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= 1;
}

describe('a clock', () => {
  const start = Date.parse('2026-03-27T00:00:00Z');
  const now = start + 20 * DAY_MINUTES * MINUTE_MS;
  const berlin = lives('Europe/Berlin', start);
  const plain = berlin.map((life) => ({ ...life, pauses: [], changes: [] }));

  it('measures what was added: at the instant when it is due, the counter is at the target', () => {
    fc.assert(
      fc.property(plain, (life) => {
        const { dueAt } = readClock(life, life.startedAt);
        expect(readClock(life, dueAt!).elapsedMinutes).toBeCloseTo(life.targetMinutes, 3);
        expect(readClock(life, dueAt!)).toMatchObject({ breached: true, breachedAt: dueAt });
        expect(readClock(life, dueAt! - 1).breached).toBe(false);
      }),
    );
  });

  it('never goes back as time goes on, nor faster than time', () => {
    fc.assert(
      fc.property(plain, minutes(9_000), minutes(600), (life, first, more) => {
        const at = (minute: number) => readClock(life, start + minute * MINUTE_MS).elapsedMinutes;
        const grown = at(first + more) - at(first);
        expect(grown).toBeGreaterThanOrEqual(0);
        expect(grown).toBeLessThanOrEqual(more + 1e-6);
      }),
    );
  });

  it('is due no earlier for a larger target, nor for a pause more', () => {
    fc.assert(
      fc.property(plain, minutes(500), minutes(3_000), minutes(600), (life, more, from, length) => {
        const due = readClock(life, now).dueAt!;
        expect(readClock({ ...life, targetMinutes: life.targetMinutes + more }, now).dueAt).toBeGreaterThanOrEqual(due);
        const pause = { from: start + from * MINUTE_MS, to: start + (from + length) * MINUTE_MS };
        expect(readClock({ ...life, pauses: [pause] }, now).dueAt).toBeGreaterThanOrEqual(due);
      }),
    );
  });

  it('does not care whether a pause is one or was split, or in which order pauses come', () => {
    fc.assert(
      fc.property(berlin, fc.double({ min: 0, max: 1, noNaN: true }), (life, share) => {
        const split = life.pauses.flatMap(({ from, to }): Pause[] => {
          if (to === null) return [{ from, to }];
          const middle = Math.round(from + share * (to - from));
          return [
            { from: middle, to },
            { from, to: middle },
          ];
        });
        expect(readClock({ ...life, pauses: split.reverse() }, now)).toEqual(readClock(life, now));
      }),
    );
  });

  it('keeps the share that was used up by a proportional change', () => {
    fc.assert(
      fc.property(plain, minutes(3_000), minutes(2_000, 1), (life, minute, targetMinutes) => {
        const at = start + minute * MINUTE_MS;
        const before = readClock(life, at);
        const after = readClock({ ...life, changes: [{ at, targetMinutes, policy: 'proportional' }] }, at);
        const share = before.elapsedMinutes / life.targetMinutes;
        expect(after.elapsedMinutes / targetMinutes).toBeCloseTo(share, 4);
        // what was reached stays reached, at the same instant
        if (before.breached) expect(closeTo(after.dueAt, before.dueAt)).toBe(true);
      }),
    );
  });

  const office: ServiceCalendar = {
    timezone: 'Europe/Berlin',
    weekly: Object.fromEntries(WEEKDAYS.slice(0, 5).map((day) => [day, [['08:00', '18:00'] as const]])),
    holidays: [],
  };
  const MONDAY = Date.parse('2026-06-01T08:00:00+02:00');
  const HOUR_MS = 60 * MINUTE_MS;
  const life: ClockLife = { calendar: office, targetMinutes: 600, startedAt: MONDAY, pauses: [], changes: [] };
  const toAlways = (policy: 'proportional' | 'recompute' | 'reset') => ({
    ...{ at: MONDAY + 24 * HOUR_MS, targetMinutes: 1_200, policy, calendar: ALWAYS },
  });

  it.each([
    // 24 hours by the new calendar since the start
    ['recompute', 1_440 + 60],
    // all of the 600 were used up on Monday: 1,200 of 1,200, then an hour around the clock
    ['proportional', 1_200 + 60],
    ['reset', 60],
  ] as const)('counts a change of calendar by %s', (policy, elapsedMinutes) => {
    const reading = readClock({ ...life, changes: [toAlways(policy)] }, MONDAY + 25 * HOUR_MS);
    expect(reading).toMatchObject({ elapsedMinutes, targetMinutes: 1_200 });
  });

  it('counts around the clock without a gap, for a year as for a minute', () => {
    const around = { ...life, calendar: ALWAYS, targetMinutes: 365 * DAY_MINUTES };
    expect(readClock(around, MONDAY).dueAt).toBe(MONDAY + 365 * 24 * HOUR_MS);
  });

  it('of a target of 0 is due when it first runs', () => {
    const atNight = { ...life, startedAt: MONDAY - 3 * HOUR_MS, targetMinutes: 0 };
    expect(readClock(atNight, atNight.startedAt)).toMatchObject({ dueAt: MONDAY, warnAt: MONDAY, breached: false });
  });

  it.each([
    ['from', 0, 60],
    ['to', 60, 0],
  ])('cannot keep a share %s a target of 0', (_way, before, after) => {
    const changes = [{ at: MONDAY, targetMinutes: after, policy: 'proportional' as const }];
    expect(() => readClock({ ...life, targetMinutes: before, changes }, MONDAY)).toThrow(
      expect.objectContaining({ code: 'sla.proportional_without_target' }),
    );
  });

  it('says so when no opening is left to reach the target', () => {
    const closed: ServiceCalendar = { timezone: 'UTC', weekly: { mon: [['08:00', '08:01']] }, holidays: [] };
    expect(() => readClock({ ...life, calendar: closed, targetMinutes: 100_000 }, MONDAY)).toThrow(
      expect.objectContaining({ code: 'sla.target_out_of_reach' }),
    );
  });
});
