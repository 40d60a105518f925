/** Who is reachable when, by layers over each other. Times of rotations are local in the schedule's zone. */
export interface OnCallSchedule {
  /** IANA name. */
  readonly timezone: string;
  /** From the lowest: where a higher one has somebody, it wins. */
  readonly layers: readonly Layer[];
  /** Whoever takes a span instead of the layers; of several the last entered wins. A swap is two of them. */
  readonly overrides: readonly Override[];
}

/** People who take turns, the first from `startsOn` on. */
export interface Layer {
  readonly id: string;
  /** Subjects, in the order of their turns. */
  readonly people: readonly string[];
  /** Local date of the first turn, `YYYY-MM-DD`. */
  readonly startsOn: string;
  /** Local date after the last turn; null: it has no end. */
  readonly endsOn: string | null;
  /** Local time at which one hands over to the next, `HH:MM`. */
  readonly handoverAt: string;
  /** How long a turn is, in days. */
  readonly turnDays: number;
  /** Local hours of weekdays that the layer is for (Monday first); null: all the time. */
  readonly hours: LayerHours | null;
}

/** By weekday, `[from, to]` in local time; `24:00` is the end of the day. */
export type LayerHours = Readonly<Partial<Record<OnCallWeekday, readonly (readonly [string, string])[]>>>;

export const ON_CALL_WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type OnCallWeekday = (typeof ON_CALL_WEEKDAYS)[number];

/** A span of real time (epoch milliseconds, end excluded) that somebody takes. */
export interface Override {
  readonly id: string;
  readonly person: string;
  readonly from: number;
  readonly to: number;
}

/** Somebody's time on call (epoch milliseconds, end excluded). */
export interface Shift {
  readonly person: string;
  readonly from: number;
  readonly to: number;
  /** The layer or override it comes from. */
  readonly source: string;
}

/** A span in which nobody is on call. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Lays `upper` over `lower`: both in their order and apart; what is below is cut, and joined where nothing lies between. */
export function laidOver(lower: readonly Shift[], upper: readonly Shift[]): Shift[] {
  const left = lower.flatMap((shift) => cutBy(shift, upper));
  return joined([...left, ...upper].sort((a, b) => a.from - b.from));
}

function cutBy(shift: Shift, upper: readonly Shift[]): Shift[] {
  const parts: Shift[] = [];
  let { from } = shift;
  for (const over of upper) {
    if (over.to <= from || over.from >= shift.to) continue;
    if (over.from > from) parts.push({ ...shift, from, to: over.from });
    from = Math.max(from, over.to);
  }
  return from < shift.to ? [...parts, { ...shift, from }] : parts;
}

function joined(shifts: readonly Shift[]): Shift[] {
  const result: Shift[] = [];
  for (const shift of shifts) {
    const last = result.at(-1);
    if (last && last.to === shift.from && last.person === shift.person && last.source === shift.source)
      result[result.length - 1] = { ...last, to: shift.to };
    else result.push(shift);
  }
  return result;
}

/** Where nobody is on call between two instants; the shifts are in their order and apart. */
export function gapsIn(shifts: readonly Shift[], from: number, to: number): Gap[] {
  const gaps: Gap[] = [];
  let reached = from;
  for (const shift of shifts) {
    if (shift.to <= from || shift.from >= to) continue;
    if (shift.from > reached) gaps.push({ from: reached, to: shift.from });
    reached = Math.max(reached, shift.to);
  }
  return reached < to ? [...gaps, { from: reached, to }] : gaps;
}

/** Somebody who is to be at two places at once. */
export interface DoubleBooking {
  readonly person: string;
  readonly from: number;
  readonly to: number;
  /** The two schedules, by the names they were given under. */
  readonly schedules: readonly [string, string];
}

/** Where one person is on call by two schedules at once. */
export function doubleBookings(schedules: Readonly<Record<string, readonly Shift[]>>): DoubleBooking[] {
  const names = Object.keys(schedules).sort();
  return names.flatMap((one, index) =>
    names.slice(index + 1).flatMap((other) =>
      schedules[one]!.flatMap((a) =>
        schedules[other]!.flatMap((b) => {
          const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
          return a.person === b.person && from < to
            ? [{ person: a.person, from, to, schedules: [one, other] as const }]
            : [];
        }),
      ),
    ),
  );
}
