import { openings } from './opening-hours.js';
import type { ServiceCalendar } from './service-calendar.model.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/**
 * The instant (epoch milliseconds) at which the `days`th business day after the one of `since` begins; null where the
 * calendar never opens so often. Around the clock, a business day is 24 hours.
 */
export function businessDaysAfter(calendar: ServiceCalendar, since: number, days: number): number | null {
  const dateOf = localDates(calendar.timezone);
  const first = dateOf(since);
  const seen = new Set<string>();
  for (const { from } of openings(calendar, since)) {
    const date = dateOf(from);
    if (date === first) continue;
    seen.add(date);
    if (seen.size === days) return from;
  }
  return null;
}

function localDates(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}
