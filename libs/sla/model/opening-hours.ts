import { dayNumber, wallTime, weekdayOf, WEEKDAYS } from './service-calendar.model.js';
import type { ServiceCalendar, WallInterval, Weekday } from './service-calendar.model.js';
import { offsetSpans, type OffsetSpan } from './zone-offsets.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/** A span of real time, in epoch milliseconds; the start belongs to it, the end does not. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;

/** No target lies further ahead; a calendar whose dates are all closed is given up here. */
const FURTHEST_MS = 40 * 366 * DAY_MS;

/**
 * When the calendar is open from the instant `from` on, for forty years: spans in their order, without overlap. An instant is open when the wall clock of the calendar's zone then shows an open reading: an hour that the clock
 * skips is nowhere, one that it shows twice is open twice.
 */
export function* openings(calendar: ServiceCalendar, from: number): Generator<Span> {
  const days = daysOf(calendar);
  const end = from + FURTHEST_MS;
  let pending: Span | undefined;
  for (const span of offsetSpans(calendar.timezone, from)) {
    if (span.from >= end) break;
    for (const opening of openingsIn(days, span, from, end)) {
      if (pending && pending.to === opening.from) pending = { from: pending.from, to: opening.to };
      else {
        if (pending) yield pending;
        pending = opening;
      }
      // around the clock nothing ends: what is known so far is given, as one span a day
      if (pending.to - pending.from >= DAY_MS) {
        yield pending;
        pending = undefined;
      }
    }
  }
  if (pending) yield pending;
}

function* openingsIn(days: OpenDays, span: OffsetSpan, from: number, end: number): Generator<Span> {
  const first = Math.max(span.from, from);
  const last = Math.min(span.to, end);
  const lastDay = Math.floor((last + span.offset) / DAY_MS);
  for (let day = Math.floor((first + span.offset) / DAY_MS); day <= lastDay; day += 1) {
    const midnight = day * DAY_MS - span.offset;
    for (const { from: opens, to: closes } of openOn(days, day)) {
      const opening = { from: Math.max(midnight + opens, first), to: Math.min(midnight + closes, last) };
      if (opening.from < opening.to) yield opening;
    }
  }
}

/** A calendar read once: wall times in milliseconds from 00:00. */
interface OpenDays {
  readonly weekly: ReadonlyMap<Weekday, readonly Span[]>;
  readonly holidays: ReadonlySet<number>;
  readonly dates: ReadonlyMap<number, readonly Span[]>;
}

const CLOSED: readonly Span[] = [];
const read = new WeakMap<ServiceCalendar, OpenDays>();

function openOn({ weekly, holidays, dates }: OpenDays, day: number): readonly Span[] {
  return dates.get(day) ?? (holidays.has(day) ? CLOSED : (weekly.get(weekdayOf(day)) ?? CLOSED));
}

function daysOf(calendar: ServiceCalendar): OpenDays {
  const known = read.get(calendar);
  if (known) return known;
  const days = {
    weekly: new Map(WEEKDAYS.map((day) => [day, spansOf(calendar.weekly[day] ?? [])])),
    holidays: new Set(calendar.holidays.map((date) => dayNumber(date)!)),
    dates: new Map(
      Object.entries(calendar.dates ?? {}).map(([date, intervals]) => [dayNumber(date)!, spansOf(intervals)]),
    ),
  };
  read.set(calendar, days);
  return days;
}

function spansOf(intervals: readonly WallInterval[]): Span[] {
  return intervals
    .map(([start, end]) => ({ from: wallTime(start)!, to: wallTime(end)! }))
    .sort((a, b) => a.from - b.from);
}
