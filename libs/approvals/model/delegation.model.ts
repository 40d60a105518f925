import type { FieldProblem } from '#libs/kernel';
import { DECIDING_ROLES } from './approval-policy.model.js';
import type { RoleHolder } from './policy-faults.model.js';

/** Somebody stands in for somebody who is away. */
export interface Delegation {
  readonly delegator: string;
  readonly delegate: string;
  readonly from: Date;
  readonly until: Date;
}

const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** Why nobody can stand in like that, given who may decide now. Empty: it can be. */
export function delegationFaults(
  { delegator, delegate, from, until }: Delegation,
  holders: readonly RoleHolder[],
  now: Date,
): FieldProblem[] {
  const faults: FieldProblem[] = [];
  const add = (path: string, code: string, message: string): void => void faults.push({ path, code, message });
  if (delegator.toLowerCase() === delegate.toLowerCase())
    add('delegate', 'duplicate', 'Nobody stands in for themselves.');
  for (const [path, subject] of [
    ['delegator', delegator],
    ['delegate', delegate],
  ] as const)
    if (!mayDecide(subject, holders))
      add(path, 'cannot_decide', `${subject} has no account here with a role that may decide.`);
  if (until <= from) add('until', 'too_small', 'It has to end after it begins.');
  else if (until <= now) add('until', 'too_small', 'It would be over already.');
  if (until.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS)
    add('until', 'too_large', `It lasts ${LONGEST_DAYS} days at most.`);
  return faults;
}

function mayDecide(subject: string, holders: readonly RoleHolder[]): boolean {
  return holders.some(
    (holder) =>
      holder.subject.toLowerCase() === subject.toLowerCase() &&
      (DECIDING_ROLES[holder.at] as readonly string[]).includes(holder.role),
  );
}
