import { AppError, type AppErrorOptions, type FieldProblem } from '#libs/kernel';

/** A calendar that cannot be used. Its fields' faults are in `errors`; the class is that of the first. */
abstract class CalendarInvalid extends AppError {
  readonly kind = 'invalid';
}

export class ZoneUnknown extends CalendarInvalid {
  readonly code = 'sla.zone_unknown';
  readonly title = 'The calendar’s time zone is not known';
}

export class WeekEmpty extends CalendarInvalid {
  readonly code = 'sla.week_empty';
  readonly title = 'The calendar is never open';
}

export class IntervalsOverlap extends CalendarInvalid {
  readonly code = 'sla.intervals_overlap';
  readonly title = 'Intervals of a day overlap';
}

export class IntervalCrossesMidnight extends CalendarInvalid {
  readonly code = 'sla.interval_crosses_midnight';
  readonly title = 'An interval across midnight is two';
}

export class IntervalInvalid extends CalendarInvalid {
  readonly code = 'sla.interval_invalid';
  readonly title = 'An interval cannot be read';
}

export class CalendarDateInvalid extends CalendarInvalid {
  readonly code = 'sla.date_invalid';
  readonly title = 'A date cannot be read';
}

const CLASSES: Readonly<Record<string, new (message: string, options: AppErrorOptions) => CalendarInvalid>> = {
  zone_unknown: ZoneUnknown,
  week_empty: WeekEmpty,
  intervals_overlap: IntervalsOverlap,
  crosses_midnight: IntervalCrossesMidnight,
  date_invalid: CalendarDateInvalid,
};

/** What calendars are refused with. */
export const CALENDAR_ERRORS = [
  ZoneUnknown,
  WeekEmpty,
  IntervalsOverlap,
  IntervalCrossesMidnight,
  IntervalInvalid,
  CalendarDateInvalid,
] as const;

/** The error for a calendar's faults, of which there is at least one; `at` is where the calendar stands in the body. */
export function calendarError(faults: readonly FieldProblem[], at: string): AppError {
  const errors = faults.map((fault) => ({ ...fault, path: `${at}${fault.path}` }));
  const Class = CLASSES[faults[0]!.code] ?? IntervalInvalid;
  return new Class(faults.map(({ message }) => message).join(' '), { errors });
}
