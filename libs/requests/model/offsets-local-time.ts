import { Temporal } from 'temporal-polyfill';
import { TimeNonexistent, TimePast, TimeTooFar } from './onboarding.errors.js';
import { startOfDay } from './offsets.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The furthest that a request may lie ahead, in days. */
export const FURTHEST_DAYS = 400;

/** Whether this is a date with a time, `YYYY-MM-DDTHH:mm[:ss[.fff]]`, with or without `Z` or an offset, that a calendar has. */
export function isLocalTime(text: string): boolean {
  if (!FORM.test(text)) return false;
  try {
    Temporal.PlainDateTime.from(withoutOffset(text), { overflow: 'reject' });
    if (hasOffset(text)) Temporal.Instant.from(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The instant (epoch milliseconds) that a time means: without an offset local time in `timeZone` (IANA), of an hour that
 * the clock shows twice the earlier one. Null when the clock is put forward over it.
 */
export function instantOf(text: string, timeZone: string): number | null {
  if (hasOffset(text)) return Temporal.Instant.from(text).epochMilliseconds;
  const local = Temporal.PlainDateTime.from(text);
  const meant = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  return meant.toPlainDateTime().equals(local) ? meant.epochMilliseconds : null;
}

/** What times are compared with: the business time and the customer's zone (IANA). */
export interface Today {
  readonly at: Date;
  readonly timeZone: string;
}

/**
 * The instant (UTC) of a time in the field `field`, today or later and at most 400 days ahead. Throws `TimeNonexistent`,
 * `TimePast` or `TimeTooFar`.
 */
export function requestedInstant(text: string, field: string, { at, timeZone }: Today): string {
  const meant = instantOf(text, timeZone);
  const fault = (code: string) => ({ errors: [{ path: field, code, message: 'See the detail.' }] });
  if (meant === null)
    throw new TimeNonexistent(
      `In ${timeZone} the clock is put forward over ${text}. Name an hour before or after.`,
      fault('nonexistent'),
    );
  if (meant < Date.parse(startOfDay(at.toISOString(), timeZone)))
    throw new TimePast(`${text} is over. Name a time of today or later.`, fault('past'));
  if (meant > at.getTime() + FURTHEST_DAYS * DAY_MS)
    throw new TimeTooFar(
      `${text} is more than ${FURTHEST_DAYS} days ahead. Ask again when it is nearer.`,
      fault('too_far'),
    );
  return new Date(meant).toISOString();
}

function hasOffset(text: string): boolean {
  return /(Z|[+-]\d{2}:\d{2})$/.test(text);
}

function withoutOffset(text: string): string {
  return text.replace(/(Z|[+-]\d{2}:\d{2})$/, '');
}
