import { openings } from './opening-hours.js';
import type { ServiceCalendar } from './service-calendar.model.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const QUARTER_MS = 900_000;

/**
 * The instant (epoch milliseconds) at which the `days`th business day after the one of `since` begins; null where the
 * calendar never opens so often. Around the clock every date is one.
 */
export function businessDaysAfter(calendar: ServiceCalendar, since: number, days: number): number | null {
  const dateOf = localDates(calendar.timezone);
  const first = dateOf(since);
  const seen = new Set<string>();
  for (const { from, to } of openings(calendar, since))
    for (let at = from; at < to; at = nextQuarter(at)) {
      const date = dateOf(at);
      if (date === first) continue;
      seen.add(date);
      if (seen.size === days) return at;
    }
  return null;
}

/** Wherever it is midnight, it is at a quarter of an hour in UTC; an opening may go on over it. */
function nextQuarter(at: number): number {
  return (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS;
}

function localDates(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}
