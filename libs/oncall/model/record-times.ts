import { laidOver, type Shift } from './schedule.model.js';
import type { ScheduleRecord } from './schedule-record.model.js';
import { shiftsBetween } from './schedule-times.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const DAY_MS = 86_400_000;
const NEAR_DAYS = 8;
const HORIZON_DAYS = 60;

/**
 * Who is on call between two instants (epoch milliseconds), in their order and apart: each version for the time in which it
 * counts, and over all of them who takes a span instead.
 */
export function shiftsOf({ versions, overrides }: ScheduleRecord, from: number, to: number): Shift[] {
  const layers = versions.flatMap(({ countsFrom, timezone, layers }, index) => {
    const [begin, end] = [Math.max(from, countsFrom), Math.min(to, versions[index + 1]?.countsFrom ?? Infinity)];
    return begin < end ? shiftsBetween({ timezone, layers, overrides: [] }, begin, end) : [];
  });
  // joins what goes on over a change of versions
  return overrides
    .filter((one) => one.from < to && one.to > from)
    .map(({ id, person, ...span }) => [
      { person, source: id, from: Math.max(span.from, from), to: Math.min(span.to, to) },
    ])
    .reduce<Shift[]>((below, above) => laidOver(below, above), laidOver(layers, []));
}

/** Somebody's turn now, and whose it is afterwards. */
export interface OnCallNow {
  readonly now: Shift | null;
  /** The next shift of somebody else, or of anybody after a gap; null when there is none within 60 days. */
  readonly next: Shift | null;
}

/**
 * Who is on call at an instant, and who comes next. The end of `now` is that of the shift where that lies within the days
 * that were looked at.
 */
export function onCallOf(schedule: ScheduleRecord, at: number): OnCallNow {
  const near = lookedAt(schedule, at, NEAR_DAYS);
  return near.next === null ? lookedAt(schedule, at, HORIZON_DAYS) : near;
}

function lookedAt(schedule: ScheduleRecord, at: number, days: number): OnCallNow {
  const end = at + days * DAY_MS;
  const shifts = shiftsOf(schedule, at, end);
  const now = shifts.find(({ from, to }) => from <= at && at < to) ?? null;
  const next = shifts.find(({ from, person }) => from > at && (person !== now?.person || from > now.to)) ?? null;
  return { now, next };
}
