import type { FieldProblem } from '#libs/kernel';
import { mayDecide, type RoleHolder } from './policy-faults.model.js';

/** Somebody stands in for somebody who is away. */
export interface Delegation {
  readonly delegator: string;
  /** Every name of theirs: other accounts, their mail address. */
  readonly delegatorNames?: readonly string[];
  readonly delegate: string;
  readonly from: Date;
  readonly until: Date;
  /** Every name of whoever sets it. */
  readonly setBy: readonly string[];
}

const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** Why nobody can stand in like that, given who may decide now. Empty: it can be. */
export function delegationFaults(
  { delegator, delegatorNames = [], delegate, from, until, setBy }: Delegation,
  holders: readonly RoleHolder[],
  now: Date,
): FieldProblem[] {
  const faults: FieldProblem[] = [];
  const add = (path: string, code: string, message: string): void => void faults.push({ path, code, message });
  if (isSame(delegate, [delegator, ...delegatorNames]))
    add('delegate', 'duplicate', 'Nobody stands in for themselves.');
  for (const [path, subject] of [
    ['delegator', delegator],
    ['delegate', delegate],
  ] as const)
    if (!isDecider(subject, holders))
      add(path, 'cannot_decide', `${subject} has no account here with a role that may decide.`);
  // else an administrator alone would be the approver that a policy names
  if (!isSame(delegator, setBy) && isSame(delegate, setBy))
    add('delegate', 'not_allowed', 'Whoever says for somebody else who stands in is not it themselves.');
  if (until <= from) add('until', 'too_small', 'It has to end after it begins.');
  else if (until <= now) add('until', 'too_small', 'It would be over already.');
  if (until.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS)
    add('until', 'too_large', `It lasts ${LONGEST_DAYS} days at most.`);
  return faults;
}

function isDecider(subject: string, holders: readonly RoleHolder[]): boolean {
  return holders.some((holder) => holder.subject.toLowerCase() === subject.toLowerCase() && mayDecide(holder));
}

function isSame(person: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === person.toLowerCase());
}
