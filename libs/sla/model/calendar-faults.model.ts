import type { FieldProblem } from '#libs/kernel';
import { dayNumber, wallTime, WEEKDAYS, type ServiceCalendar, type WallInterval } from './service-calendar.model.js';

const DAY_MS = 86_400_000;

/**
 * What is wrong with a calendar, field by field; empty when it can be used. `isZone` says whether the machine knows a
 * time zone.
 */
export function calendarFaults(calendar: ServiceCalendar, isZone: (name: string) => boolean): FieldProblem[] {
  const week = WEEKDAYS.flatMap((day) => dayFaults(`weekly.${day}`, calendar.weekly[day] ?? []));
  const dates = Object.entries(calendar.dates ?? {});
  return [
    ...(isZone(calendar.timezone) ? [] : [fault('timezone', 'zone_unknown', ZONE)]),
    ...week,
    ...(isOpenSometime(calendar) ? [] : [fault('weekly', 'week_empty', EMPTY_WEEK)]),
    ...calendar.holidays.flatMap((date, index) => dateFaults(`holidays.${index}`, date)),
    ...dates.flatMap(([date, intervals]) => [
      ...dateFaults(`dates.${date}`, date),
      ...dayFaults(`dates.${date}`, intervals),
    ]),
  ];
}

const ZONE = 'Name a time zone of the IANA list, such as Europe/Berlin.';
const EMPTY_WEEK = 'No day is open, so no target would ever be reached. Open at least one interval of the week.';
const TIME = 'Write a time from 00:00 to 24:00 as HH:MM.';

function isOpenSometime({ weekly }: ServiceCalendar): boolean {
  return WEEKDAYS.some((day) => (weekly[day] ?? []).length > 0);
}

function dateFaults(path: string, date: string): FieldProblem[] {
  return dayNumber(date) === undefined ? [fault(path, 'date_invalid', 'Write a date as YYYY-MM-DD.')] : [];
}

function dayFaults(path: string, intervals: readonly WallInterval[]): FieldProblem[] {
  const faults = intervals.flatMap((interval, index) => intervalFaults(`${path}.${index}`, interval));
  if (faults.length > 0) return faults;
  const ordered = intervals
    .map((interval, index) => ({ index, from: wallTime(interval[0])!, to: wallTime(interval[1])! }))
    .sort((a, b) => a.from - b.from);
  return ordered.flatMap(({ index, from }, position) => {
    const over = ordered.slice(0, position).find(({ to }) => to > from);
    if (!over) return [];
    const [start, end] = intervals[over.index]!;
    return [fault(`${path}.${index}`, 'intervals_overlap', `It overlaps ${start}–${end} of the same day. Join them.`)];
  });
}

function intervalFaults(path: string, [start, end]: WallInterval): FieldProblem[] {
  const from = wallTime(start);
  const to = wallTime(end);
  if (from === undefined || to === undefined || from === DAY_MS) return [fault(path, 'time_invalid', TIME)];
  if (from < to) return [];
  if (from === to) return [fault(path, 'interval_empty', `${start}–${end} has no length. Leave it out.`)];
  return [fault(path, 'crosses_midnight', twoIntervals(start, end))];
}

function twoIntervals(start: string, end: string): string {
  const rest = wallTime(end) === 0 ? '' : ` and ["00:00","${end}"] on the next day`;
  return `An interval ends on the day it began. Write ["${start}","24:00"]${rest}.`;
}

function fault(path: string, code: string, message: string): FieldProblem {
  return { path, code, message };
}
