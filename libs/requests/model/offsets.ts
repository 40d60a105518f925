import { Temporal } from 'temporal-polyfill';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/** Days that a step may lie before or after the request's day. */
export const FIRST_OFFSET_DAYS = -7;
export const LAST_OFFSET_DAYS = 30;

/** Days by step, e.g. `{"remove_from_groups": 2}`; what is not named happens on the day itself. */
export type Offsets = Readonly<Record<string, number>>;

/**
 * The instant (UTC) so many calendar days away from another, at the same hour on the wall in `timeZone` (IANA): a change
 * of the clock in between moves the instant. An hour that the clock leaves out on that day means the one after the gap,
 * an hour that it shows twice the first.
 */
export function daysAway(instant: string, days: number, timeZone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  return utc(local.add({ days }).epochMilliseconds);
}

/**
 * What becomes of an instant when another one that it belongs to moves from `before` to `after` (all UTC): it keeps its
 * distance in calendar days and hours on the wall in `timeZone` (IANA).
 */
export function movedTime(instant: string, before: string, after: string, timeZone: string): string {
  const local = (text: string) => Temporal.Instant.from(text).toZonedDateTimeISO(timeZone);
  const distance = local(before).until(local(instant), { largestUnit: 'days' });
  return utc(local(after).add(distance).epochMilliseconds);
}

/** The instant (UTC) so many minutes after another. */
export function minutesAfter(instant: string, minutes: number): string {
  return utc(Date.parse(instant) + minutes * 60_000);
}

/** The start (UTC) of the day on the wall in `timeZone` that an instant falls on. */
export function startOfDay(instant: string, timeZone: string): string {
  return utc(Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds);
}

/** Whether so many days away is allowed: a whole number from −7 to +30. */
export function isOffset(days: unknown): days is number {
  return Number.isInteger(days) && (days as number) >= FIRST_OFFSET_DAYS && (days as number) <= LAST_OFFSET_DAYS;
}

function utc(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
