/** What an alarm is about. */
export type AlarmKind = 'emergency_account.used' | 'emergency_account.refused' | 'emergency_account.changed';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * How long owners are left in peace after they were told for the `number`th time (from 1), in milliseconds: four times within
 * the first hour, hourly through the first day, then every six hours, until one of them acknowledges it.
 */
export function pauseAfter(number: number): number {
  if (number <= 4) return 15 * MINUTE;
  return number <= 27 ? HOUR : 6 * HOUR;
}
