import type { Layer, Override } from './schedule.model.js';

/** A schedule with its history: which people and turns counted from when. */
export interface ScheduleRecord {
  readonly id: string;
  readonly name: string;
  /** By when they count from, the earliest first; a later version ends the one before it. */
  readonly versions: readonly ScheduleVersion[];
  /** In the order in which they were entered. */
  readonly overrides: readonly Override[];
  /** Hours of rest between a call-out and the next shift. */
  readonly restHours: number;
}

export interface ScheduleVersion {
  readonly version: number;
  /** Epoch milliseconds. */
  readonly countsFrom: number;
  /** IANA name. */
  readonly timezone: string;
  readonly layers: readonly Layer[];
}

/** Everybody who stands in the newest version, each once, in their order. */
export function peopleOf({ versions }: ScheduleRecord): readonly string[] {
  return [...new Set(versions.at(-1)?.layers.flatMap(({ people }) => people) ?? [])];
}
