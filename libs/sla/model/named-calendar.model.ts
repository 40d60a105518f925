import type { ServiceCalendar } from './service-calendar.model.js';

/** A region whose public holidays are proposed; a place is a town with holidays of its own. */
export interface HolidayRegion {
  /** ISO 3166-1, `DE`. */
  readonly country: string;
  /** ISO 3166-2 without its country, `BY`. */
  readonly state: string | null;
  readonly place: string | null;
}

/** A calendar as it is saved: its holidays are dates that a person confirmed, whatever a region proposes. */
export interface NamedCalendar extends ServiceCalendar {
  readonly region: HolidayRegion | null;
  /** Years whose holidays somebody confirmed. */
  readonly confirmed: readonly ConfirmedYear[];
}

export interface ConfirmedYear {
  readonly year: number;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What of a saved calendar clocks are computed from: the same calendar is always written the same way. */
export function serviceCalendarOf({ timezone, weekly, holidays, dates }: NamedCalendar): ServiceCalendar {
  return { timezone, weekly, holidays: [...holidays].sort(), dates: dates ?? {} };
}
