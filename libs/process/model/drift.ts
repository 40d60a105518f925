import { fieldKey, sameJson, type Effect, type FieldChange, type Json } from '#libs/kernel';

/** A field that holds neither the plan's before nor its after. */
export interface FieldDrift {
  readonly target: string;
  readonly field: string;
  readonly approvedBefore: Json;
  readonly approvedAfter: Json;
  readonly found: Json;
}

/** What drifted at one step. `identity` is set when the approved object is gone or its name has another owner. */
export interface StepDrift {
  readonly stepId: string;
  readonly identity: { readonly approved: string; readonly found: string | null } | null;
  readonly fields: readonly FieldDrift[];
}

/** Where a step stands when what was approved is compared with what is there now. */
export type Comparison =
  | { readonly kind: 'as_approved'; readonly remaining: readonly FieldChange[] }
  | { readonly kind: 'at_after' }
  | { readonly kind: 'drifted'; readonly fields: readonly FieldDrift[] };

/**
 * Compares the approved effect with a fresh plan of the same step (design, rule 7). A field missing in the fresh plan is
 * at its `after` already; one that is there must still have the approved `before`. A change that the fresh plan has and
 * the approved one has not is drift as well: the approver never saw it.
 */
export function compareWithApproved(approved: Effect, fresh: Effect): Comparison {
  const found = new Map(fresh.changes.map((change) => [fieldKey(change, fresh.identity), change]));
  const drifted: FieldDrift[] = [];
  const remaining: FieldChange[] = [];
  for (const change of approved.changes) {
    const key = fieldKey(change, approved.identity);
    const now = found.get(key);
    found.delete(key);
    if (!now) continue;
    if (change.opaque || (sameJson(now.before, change.before) && sameJson(now.after, change.after)))
      remaining.push(now);
    else drifted.push(driftOf(change, now));
  }
  for (const unseen of found.values()) drifted.push(driftOf(null, unseen));
  if (drifted.length > 0) return { kind: 'drifted', fields: drifted };
  return remaining.length === 0 ? { kind: 'at_after' } : { kind: 'as_approved', remaining };
}

function driftOf(approved: FieldChange | null, now: FieldChange): FieldDrift {
  const { target, field } = now;
  return {
    target,
    field,
    approvedBefore: approved?.before ?? null,
    approvedAfter: approved?.after ?? null,
    found: now.before,
  };
}

const MINUTE = 60_000;
const LONGEST_PAUSE = 12 * 60 * MINUTE;

/**
 * Milliseconds until drift is looked for again while a run waits: half of what is left, at least a minute, at most
 * 12 h. So the last look is close to the start however long the wait, and a wait of 30 days costs about 70 looks.
 */
export function nextDriftLook(millisecondsLeft: number): number {
  return Math.min(LONGEST_PAUSE, Math.max(MINUTE, Math.floor(millisecondsLeft / 2)));
}
