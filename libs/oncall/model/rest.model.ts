import type { Shift } from './schedule.model.js';

/** § 5 (1) ArbZG, Germany: after the end of the day's work at least eleven hours without a break in them. */
export const USUAL_REST_HOURS = 11;

const HOUR_MS = 3_600_000;

/** Work outside the usual hours that somebody was called to (epoch milliseconds). */
export interface CallOut {
  readonly person: string;
  readonly from: number;
  readonly to: number;
}

/** A shift that begins before its person has rested. */
export interface ShortRest {
  readonly person: string;
  readonly callOutEndedAt: number;
  readonly shift: Shift;
  readonly restHours: number;
  /** When the shift may begin instead; null when it would be over by then. */
  readonly laterStart: number | null;
  /** Who could take its beginning: on the same rota, and rested themselves. */
  readonly swapWith: readonly string[];
}

/**
 * The shifts that leave less rest than `restHours` behind a call-out. A call-out within one's own shift matters to the next
 * one only. `others` are the people of the same rota.
 */
export function shortRests(
  callOuts: readonly CallOut[],
  shifts: readonly Shift[],
  others: readonly string[],
  restHours: number = USUAL_REST_HOURS,
): ShortRest[] {
  return callOuts.flatMap((callOut) => {
    const next = shifts
      .filter(({ person, from }) => person === callOut.person && from >= callOut.to)
      .sort((a, b) => a.from - b.from)[0];
    if (!next || next.from - callOut.to >= restHours * HOUR_MS) return [];
    const rested = callOut.to + restHours * HOUR_MS;
    return [
      {
        ...{ person: callOut.person, callOutEndedAt: callOut.to, shift: next },
        restHours: (next.from - callOut.to) / HOUR_MS,
        laterStart: rested < next.to ? rested : null,
        swapWith: others.filter(
          (person) => person !== callOut.person && isRested(person, next, callOuts, shifts, restHours),
        ),
      },
    ];
  });
}

function isRested(
  person: string,
  { from, to }: Shift,
  callOuts: readonly CallOut[],
  shifts: readonly Shift[],
  restHours: number,
): boolean {
  const isBusy = shifts.some((shift) => shift.person === person && shift.from < to && shift.to > from);
  const restsFrom = from - restHours * HOUR_MS;
  return !isBusy && !callOuts.some((one) => one.person === person && one.to > restsFrom && one.from < to);
}
