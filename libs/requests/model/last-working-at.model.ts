import { FURTHEST_DAYS, instantOf } from './offsets-local-time.js';
import { LastWorkingAtNonexistent, LastWorkingAtPast, LastWorkingAtTooFar } from './request.errors.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

export { FURTHEST_DAYS, isLocalTime as isLastWorkingAt } from './offsets-local-time.js';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

/**
 * The instant that a last working hour means. Without an offset it is local time in `timeZone` (IANA); an hour that the
 * clock shows twice means the earlier one. `now` is the business time it is compared with, to the second. Throws
 * `LastWorkingAtNonexistent`, `LastWorkingAtPast` or `LastWorkingAtTooFar`.
 */
export function lastWorkingInstant(text: string, timeZone: string, now: Date): Date {
  const instant = instantOf(text, timeZone);
  if (instant === null)
    throw new LastWorkingAtNonexistent(
      `In ${timeZone} the clock is put forward over ${text}. Name an hour before or after.`,
      fault('nonexistent'),
    );
  const ahead = instant - Math.floor(now.getTime() / SECOND) * SECOND;
  if (ahead < 0) throw new LastWorkingAtPast(`${text} is over. Name a time that is still to come.`, fault('past'));
  if (ahead > FURTHEST_DAYS * DAY) {
    throw new LastWorkingAtTooFar(
      `${text} is more than ${FURTHEST_DAYS} days ahead. Ask again when it is nearer.`,
      fault('too_far'),
    );
  }
  return new Date(instant);
}

function fault(code: string) {
  return { errors: [{ path: 'lastWorkingAt', code, message: 'See the detail.' }] };
}
