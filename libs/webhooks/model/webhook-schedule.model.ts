/** Seconds from one try to the next, as Standard Webhooks suggests: ten tries within about three days. */
export const RETRY_SECONDS: readonly number[] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** So that receivers that come back are not met by everybody at once: this share more or less. */
const JITTER = 0.1;
const LONGEST_WAIT = 86_400;
/** A receiver that took nothing for so long, while a message went through all its tries, is told nothing any more. */
const FAILING_MS = 3 * 86_400_000;

/** How a try ended: with the receiver's status, or without one and a code that says why. */
export interface TryResult {
  readonly status: number | null;
  readonly code: string | null;
  /** What the receiver asked for by `Retry-After`. */
  readonly retryAfterSeconds: number | null;
}

export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly inSeconds: number }
  | { readonly kind: 'failed'; readonly disable: 'gone' | 'failing' | null };

export interface TryFacts {
  /** Counted from 1. */
  readonly attempt: number;
  readonly result: TryResult;
  /** Since when no delivery of the subscription went through, this try included; milliseconds since 1970. */
  readonly failingSince: number | null;
  readonly now: number;
  /** 0 to 1. */
  readonly random: number;
  readonly schedule?: readonly number[];
}

/** What follows from a try: 2xx is delivered, 410 means gone for good, everything else is tried again. */
export function verdictOn({ attempt, result, failingSince, now, random, schedule = RETRY_SECONDS }: TryFacts): Verdict {
  const { status, retryAfterSeconds } = result;
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'failed', disable: 'gone' };
  const wait = schedule[attempt - 1];
  if (wait === undefined) {
    const isFailing = failingSince !== null && now - failingSince >= FAILING_MS;
    return { kind: 'failed', disable: isFailing ? 'failing' : null };
  }
  const jittered = wait * (1 + JITTER * (2 * random - 1));
  return {
    kind: 'retry',
    inSeconds: Math.min(LONGEST_WAIT * (1 + JITTER), Math.max(jittered, retryAfterSeconds ?? 0)),
  };
}
