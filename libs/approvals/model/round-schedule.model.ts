import type { ApprovalPolicy } from './approval-policy.model.js';

const HOUR_MS = 3_600_000;
/** A plan that is presented late leaves its approvers this long at least, whatever its expiry says. */
const LEAST_MS = HOUR_MS;

/** When something has to happen while nobody decides; epoch milliseconds. */
export interface RoundSchedule {
  readonly openedAt: number;
  readonly expiresAt: number | null;
  readonly outcome: 'reject' | 'escalate' | null;
  readonly remindEveryMs: number | null;
  readonly remindAtMost: number;
  readonly escalateAt: number | null;
}

export type DueKind = 'remind' | 'escalate' | 'expire';

/** What has happened already. */
export interface RoundDone {
  readonly reminders: number;
  readonly escalated: boolean;
  readonly expired: boolean;
}

/** When a question that is asked now expires (epoch milliseconds), or null. */
export function expiryOf({ expiry }: ApprovalPolicy, openedAt: number, startsAt: number | null): number | null {
  if (!expiry) return null;
  if (expiry.afterHours !== undefined) return openedAt + expiry.afterHours * HOUR_MS;
  if (startsAt === null) return null;
  return Math.max(openedAt + LEAST_MS, startsAt - (expiry.beforeStartHours ?? 0) * HOUR_MS);
}

/** Until when votes count, given when the question expires; null: without end, as where it is escalated then. */
export function votesEndAt({ expiry }: Pick<ApprovalPolicy, 'expiry'>, expiresAt: Date | null): Date | null {
  return expiry?.outcome === 'reject' ? expiresAt : null;
}

/** Until when readers are told to decide; null once that is past and it was escalated instead. */
export function askedUntil(policy: Pick<ApprovalPolicy, 'expiry'>, expiresAt: Date | null, now: Date): Date | null {
  return votesEndAt(policy, expiresAt) ?? (expiresAt !== null && now < expiresAt ? expiresAt : null);
}

export function scheduleOf(policy: ApprovalPolicy, openedAt: number, expiresAt: number | null): RoundSchedule {
  const { reminders, escalation, expiry } = policy;
  return {
    openedAt,
    expiresAt,
    outcome: expiry?.outcome ?? null,
    remindEveryMs: reminders ? reminders.everyHours * HOUR_MS : null,
    remindAtMost: reminders?.atMost ?? 0,
    escalateAt: escalation ? openedAt + escalation.afterHours * HOUR_MS : null,
  };
}

/** How many reminders should have gone out by now (epoch milliseconds). */
export function remindersBy(
  { openedAt, remindEveryMs, remindAtMost }: Pick<RoundSchedule, 'openedAt' | 'remindEveryMs' | 'remindAtMost'>,
  now: number,
): number {
  return remindEveryMs === null ? 0 : Math.min(remindAtMost, Math.floor((now - openedAt) / remindEveryMs));
}

/** What is due next and when (epoch milliseconds); null: nothing more happens by itself. */
export function nextDue(
  schedule: RoundSchedule,
  done: RoundDone,
): { readonly kind: DueKind; readonly at: number } | null {
  const { openedAt, expiresAt, remindEveryMs, remindAtMost, escalateAt } = schedule;
  const due: { readonly kind: DueKind; readonly at: number }[] = [];
  if (expiresAt !== null && !done.expired) due.push({ kind: 'expire', at: expiresAt });
  if (escalateAt !== null && !done.escalated && !done.expired) due.push({ kind: 'escalate', at: escalateAt });
  if (remindEveryMs !== null && done.reminders < remindAtMost)
    due.push({ kind: 'remind', at: openedAt + (done.reminders + 1) * remindEveryMs });
  return due.sort((a, b) => a.at - b.at)[0] ?? null;
}
