/** What a try came to. `again`: it may go better later; `never`: not by this way. */
export type TryOutcome =
  | { readonly kind: 'sent'; readonly providerId: string | null }
  | { readonly kind: 'again'; readonly code: string }
  | { readonly kind: 'never'; readonly code: string };

/** Where the telling of somebody stands: which of their ways is next, and how often all of them were tried. */
export interface TellingPlace {
  readonly method: number;
  readonly tries: number;
}

export type TellingStep =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly code: string }
  | {
      readonly kind: 'next';
      readonly place: TellingPlace;
      readonly inMs: number;
      readonly code: string;
      /** One of the ways of this time through may go later. */
      readonly hopeful: boolean;
    };

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * What follows a try: the next way at once; after the last one, all of them again while one may yet go, with pauses that
 * double from 5 s to a minute. `hopeful`: one of the ways of this time through may go later.
 */
export function afterTry(place: TellingPlace, ways: number, outcome: TryOutcome, hopeful: boolean): TellingStep {
  if (outcome.kind === 'sent') return outcome;
  const { code } = outcome;
  const mayGo = hopeful || outcome.kind === 'again';
  const method = place.method + 1;
  if (method < ways) return { kind: 'next', place: { method, tries: place.tries }, inMs: 0, code, hopeful: mayGo };
  if (!mayGo) return { kind: 'failed', code };
  const tries = place.tries + 1;
  const inMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return { kind: 'next', place: { method: 0, tries }, inMs, code, hopeful: false };
}
