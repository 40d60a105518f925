/** Days of the week as calendars name them, Monday first. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Opening and closing in local wall time, `HH:MM`; the start belongs to it, the end does not. `24:00` ends the date. */
export type WallInterval = readonly [string, string];

/**
 * When service is given. A weekday that is left out is closed, as is one with no interval. A shift across midnight is two
 * intervals: `["22:00","24:00"]` and on the next day `["00:00","06:00"]`.
 */
export interface ServiceCalendar {
  /** IANA name. */
  readonly timezone: string;
  readonly weekly: Readonly<Partial<Record<Weekday, readonly WallInterval[]>>>;
  /** Local dates, `YYYY-MM-DD`, that are closed from 00:00 to 24:00. */
  readonly holidays: readonly string[];
  /** Other hours on one local date, such as 24 December; they win over the week and over a holiday. */
  readonly dates?: Readonly<Record<string, readonly WallInterval[]>>;
}

/** Around the clock, every day. */
export const ALWAYS: ServiceCalendar = {
  timezone: 'UTC',
  weekly: Object.fromEntries(WEEKDAYS.map((day) => [day, [['00:00', '24:00']]])),
  holidays: [],
};

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Milliseconds from the date's 00:00 on the wall clock; undefined when it is no time of a day. */
export function wallTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  return match[1] === undefined ? DAY_MS : (Number(match[1]) * 60 + Number(match[2])) * 60_000;
}

/** Days since 1970-01-01; undefined when the calendar has no such date. */
export function dayNumber(date: string): number | undefined {
  if (!DATE.test(date)) return undefined;
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date ? undefined : at / DAY_MS;
}

/** The weekday of a day since 1970-01-01, which was a Thursday. */
export function weekdayOf(day: number): Weekday {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
}
