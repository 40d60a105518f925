import { Temporal } from 'temporal-polyfill';
import { LastWorkingAtNonexistent, LastWorkingAtPast, LastWorkingAtTooFar } from './request.errors.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;
const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

/** The furthest that a last working hour may lie ahead, in days. */
export const FURTHEST_DAYS = 400;

/** Whether this is a date with a time, `YYYY-MM-DDTHH:mm[:ss[.fff]]`, with or without `Z` or an offset, that a calendar has. */
export function isLastWorkingAt(text: string): boolean {
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
 * The instant that a last working hour means. Without an offset it is local time in `timeZone` (IANA); an hour that the
 * clock shows twice means the earlier one. `now` is the business time it is compared with, to the second. Throws
 * `LastWorkingAtNonexistent`, `LastWorkingAtPast` or `LastWorkingAtTooFar`.
 */
export function lastWorkingInstant(text: string, timeZone: string, now: Date): Date {
  const instant = new Date(
    hasOffset(text) ? Temporal.Instant.from(text).epochMilliseconds : localInstant(text, timeZone),
  );
  const ahead = instant.getTime() - Math.floor(now.getTime() / SECOND) * SECOND;
  if (ahead < 0) throw new LastWorkingAtPast(`${text} is over. Name a time that is still to come.`, fault('past'));
  if (ahead > FURTHEST_DAYS * DAY) {
    throw new LastWorkingAtTooFar(
      `${text} is more than ${FURTHEST_DAYS} days ahead. Ask again when it is nearer.`,
      fault('too_far'),
    );
  }
  return instant;
}

function localInstant(text: string, timeZone: string): number {
  const local = Temporal.PlainDateTime.from(text);
  const meant = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (meant.toPlainDateTime().equals(local)) return meant.epochMilliseconds;
  throw new LastWorkingAtNonexistent(
    `In ${timeZone} the clock is put forward over ${text}. Name an hour before or after.`,
    fault('nonexistent'),
  );
}

function hasOffset(text: string): boolean {
  return /(Z|[+-]\d{2}:\d{2})$/.test(text);
}

function withoutOffset(text: string): string {
  return text.replace(/(Z|[+-]\d{2}:\d{2})$/, '');
}

function fault(code: string) {
  return { errors: [{ path: 'lastWorkingAt', code, message: 'See the detail.' }] };
}
