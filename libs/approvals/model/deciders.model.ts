import type { Approver } from './approval-policy.model.js';
import type { Absence } from './people-to-tell.model.js';
import { mailSubject, mayDecide } from './policy-faults.model.js';
import { approversNow, isApprover, type RoundState } from './vote.model.js';

/**
 * Who may decide now: those of the stage, whom it was escalated to, and whoever steps in where too few of them are left.
 * Somebody named who asked for it, whom it is about or who has voted is none of them.
 */
export function decidersNow(state: RoundState): readonly Approver[] {
  return approversNow(state).filter((approver) => {
    if (approver.kind === 'role') return true;
    return !isSpent(state, approver.kind === 'person' ? approver.subject : mailSubject(approver.mail));
  });
}

/** Of those who are away, whose votes still count here by whoever stands in for them. */
export function standInsNow(state: RoundState, absences: readonly Absence[]): readonly Absence[] {
  return absences.filter(({ delegator, delegate }) => {
    if (isSpent(state, delegator) || isSpent(state, delegate)) return false;
    const roles = state.holders.filter(({ subject }) => same(subject, delegator));
    return roles.some(mayDecide) && isApprover(state, { subject: delegator, roles });
  });
}

function isSpent({ excluded, votes }: RoundState, subject: string): boolean {
  return [...excluded, ...votes.flatMap(({ voter, onBehalfOf }) => [voter, onBehalfOf ?? voter])].some((one) =>
    same(one, subject),
  );
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
