export const TIME_KINDS = ['work', 'call_out', 'travel'] as const;
/** What somebody’s time on a ticket was: work, a call-out from on-call duty, or the way there and back. */
export type TimeKind = (typeof TIME_KINDS)[number];

interface Worked {
  readonly kind: TimeKind;
  readonly from: Date;
  /** Null: it is running. */
  readonly to: Date | null;
  readonly billable: boolean;
}

/** Minutes, as sums of what has ended. */
export interface TimeSums {
  readonly total: number;
  readonly billable: number;
  readonly work: number;
  readonly callOut: number;
  readonly travel: number;
}

const MINUTE_MS = 60_000;

/** Whole minutes; a begun one counts. Null: it is running. */
export function minutesOf({ from, to }: Pick<Worked, 'from' | 'to'>): number | null {
  return to === null ? null : Math.ceil((to.getTime() - from.getTime()) / MINUTE_MS);
}

/** Sums of entries in minutes; running ones count when they have ended. */
export function sumsOf(entries: readonly Worked[]): TimeSums {
  const sum = (counts: (entry: Worked) => boolean): number =>
    entries.reduce((minutes, entry) => minutes + (counts(entry) ? (minutesOf(entry) ?? 0) : 0), 0);
  return {
    total: sum(() => true),
    billable: sum(({ billable }) => billable),
    work: sum(({ kind }) => kind === 'work'),
    callOut: sum(({ kind }) => kind === 'call_out'),
    travel: sum(({ kind }) => kind === 'travel'),
  };
}
