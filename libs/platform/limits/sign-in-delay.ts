/** Failures that cost nothing: people mistype. */
const FREE = { address: 20, stranger: 5, known: 5 } as const;
/** The longest pause in seconds: nobody is locked out for good, and an account not for long, whoever guesses at it. */
const LONGEST = { address: 900, stranger: 60, known: 60 } as const;

/** What failures are counted by: an address, an account from places it is not known from, an account at a place it is. */
export type FailureKind = keyof typeof FREE;

/** Seconds that have to pass after the last failure: none for the first few, then 1, 2, 4, … up to the longest. */
export function delayAfter(kind: FailureKind, failures: number): number {
  const counted = failures - FREE[kind];
  if (counted < 0) return 0;
  return Math.min(LONGEST[kind], 2 ** Math.min(counted, 20));
}

/** Seconds that are left of the pause, `seconds` after the last failure; 0 when another attempt may be made. */
export function waitAfter(kind: FailureKind, failures: number, seconds: number): number {
  return Math.max(0, delayAfter(kind, failures) - seconds);
}
