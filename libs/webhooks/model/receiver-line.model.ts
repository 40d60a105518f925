/** How many messages one receiver (a host, as one tenant calls it) is sent at once by a worker. */
export const AT_ONCE = 4;
/** How many messages a worker sends at once, to all receivers of all tenants. */
export const AT_ONCE_OF_ALL = 80;

const SOONEST_MS = 1_000;
/** Nobody waits longer for a receiver that may be quick again by then. */
const LONGEST_MS = 300_000;
/** Until a receiver has answered once. */
const USUAL_HOLD_MS = 1_000;
/** This share more or less, so that those who wait for the same turn do not come together. */
const JITTER = 0.25;

/** The line before a receiver whose places are taken. Milliseconds; `endsAt` on a clock that only goes forward. */
export interface ReceiverLine {
  /** When the turn of the last one in it comes. */
  readonly endsAt: number;
  /** How long the receiver has kept a message lately. */
  readonly holdMs: number;
}

export const NO_LINE: ReceiverLine = { endsAt: 0, holdMs: USUAL_HOLD_MS };

/**
 * Who finds no free place waits until those before them have had theirs, at the pace that the receiver shows: one turn
 * each `holdMs / AT_ONCE`. So it is asked for a place no more often than it can give one, however long the line is, up to
 * five minutes; there the line grows no further, and who comes then waits about that long. `random`: 0 to 1.
 */
export function joinLine(
  { endsAt, holdMs }: ReceiverLine,
  now: number,
  random: number,
): { readonly line: ReceiverLine; readonly inSeconds: number } {
  const turn = Math.min(Math.max(endsAt, now + SOONEST_MS) + holdMs / AT_ONCE, now + LONGEST_MS);
  const jittered = (turn - now) * (1 + JITTER * (2 * random - 1));
  return { line: { endsAt: turn, holdMs }, inSeconds: Math.max(SOONEST_MS, jittered) / 1000 };
}

/** The line after the receiver has kept a message for so long; half of what is known is the last one. */
export function heldFor({ endsAt, holdMs }: ReceiverLine, lastMs: number): ReceiverLine {
  return { endsAt, holdMs: (holdMs + lastMs) / 2 };
}

/**
 * Whether a tenant gets one more place at one of its receivers. Of a worker's places a tenant has no more than it leaves
 * free: one alone half of them, the next one half of the rest, so that there is always one for who comes last.
 */
export function getsPlace(taken: {
  readonly atReceiver: number;
  readonly ofTenant: number;
  readonly ofAll: number;
}): boolean {
  return taken.atReceiver < AT_ONCE && taken.ofTenant < AT_ONCE_OF_ALL - taken.ofAll;
}
