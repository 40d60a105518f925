import type { TargetKind } from './ticket-facts.model.js';
import type { TicketReading } from './ticket-readings.js';

/** What a clock reaches. Instants are epoch milliseconds. */
export interface Mark {
  readonly clock: TargetKind;
  readonly startedAt: number;
  readonly mark: 'warning' | 'breach';
  readonly dueAt: number;
}

/** A mark on record that nothing has lifted. */
export interface StandingMark extends Mark {
  /** Counts those of one clock, with the lifted ones, from 1. */
  readonly number: number;
}

export interface MarkChanges {
  /** Reached, and not on record. `isRunning`: the clock still runs, so that somebody can be told in time. */
  readonly reached: readonly (Mark & { readonly isRunning: boolean })[];
  /** On record, and taken back by a later change. */
  readonly lifted: readonly StandingMark[];
}

type Reading = Pick<TicketReading, 'kind' | 'state' | 'startedAt' | 'stoppedAt' | 'dueAt' | 'warnAt' | 'breachedAt'>;

/** What of a ticket's marks has to be put on record at `now` (epoch milliseconds). */
export function markChanges(readings: readonly Reading[], standing: readonly StandingMark[], now: number): MarkChanges {
  const shown = readings.flatMap((reading) => marksOf(reading, now));
  const isSame = (a: Mark, b: Mark): boolean => a.clock === b.clock && a.startedAt === b.startedAt && a.mark === b.mark;
  return {
    reached: shown.filter((mark) => !standing.some((known) => isSame(known, mark))),
    lifted: standing.filter((known) => !shown.some((mark) => isSame(mark, known))),
  };
}

function marksOf(reading: Reading, now: number): (Mark & { readonly isRunning: boolean })[] {
  const { kind: clock, state, startedAt, stoppedAt, warnAt, breachedAt } = reading;
  const until = Math.min(stoppedAt ?? now, now);
  const common = { clock, startedAt, isRunning: state !== 'stopped' };
  return [
    ...(warnAt !== null && warnAt <= until ? [{ ...common, mark: 'warning' as const, dueAt: warnAt }] : []),
    ...(breachedAt !== null && breachedAt <= until ? [{ ...common, mark: 'breach' as const, dueAt: breachedAt }] : []),
  ];
}

/** When a clock of a ticket reaches its next mark by itself; null: none does. */
export function nextMarkAt(readings: readonly Reading[], now: number): number | null {
  const ahead = readings
    .filter(({ state }) => state === 'running')
    .flatMap(({ warnAt, dueAt }) => [warnAt, dueAt])
    .filter((at) => at !== null && at > now) as number[];
  return ahead.length === 0 ? null : Math.min(...ahead);
}
