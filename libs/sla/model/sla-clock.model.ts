import type { ServiceCalendar } from './service-calendar.model.js';

/** How a change of target treats what has been consumed. */
export const CHANGE_POLICIES = ['proportional', 'recompute', 'reset'] as const;
export type ChangePolicy = (typeof CHANGE_POLICIES)[number];

/** A pause, in epoch milliseconds: `from` belongs to it, `to` does not; null has no end yet. */
export interface Pause {
  readonly from: number;
  readonly to: number | null;
}

/** A change of target, and perhaps of the calendar, at an instant (epoch milliseconds). */
export interface TargetChange {
  readonly at: number;
  /** Business minutes. */
  readonly targetMinutes: number;
  readonly policy: ChangePolicy;
  /**
   * The calendar from here on. With `recompute` the whole life is counted by it; otherwise what was counted before stays.
   */
  readonly calendar?: ServiceCalendar;
}

/** A clock's whole life, from which everything about it is computed; nothing is kept as a counter. */
export interface ClockLife {
  readonly calendar: ServiceCalendar;
  /** Business minutes. */
  readonly targetMinutes: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** In any order; they may overlap. */
  readonly pauses: readonly Pause[];
  /** In any order; those of one instant apply in the order of the list. */
  readonly changes: readonly TargetChange[];
}

/** What can be said of a clock at an instant. Instants are epoch milliseconds. */
export interface ClockReading {
  /** When the counter reaches the target; null while it is paused before. */
  readonly dueAt: number | null;
  /** When it reaches 75 % of the target, by the same rule. */
  readonly warnAt: number | null;
  readonly elapsedMinutes: number;
  /** Negative once overdue. */
  readonly remainingMinutes: number;
  readonly breached: boolean;
  readonly breachedAt: number | null;
  /** The target in force. */
  readonly targetMinutes: number;
}

/** The share of the target at which people are warned. */
export const WARNING_SHARE = 0.75;
