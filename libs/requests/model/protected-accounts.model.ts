import { AccountProtected } from './second-person.errors.js';
import type { ConfirmablePlan, ConfirmationReason } from './second-person.model.js';

export const PROTECTED_KINDS = ['director', 'break_glass', 'service', 'last_administrator'] as const;
export type ProtectedKind = (typeof PROTECTED_KINDS)[number];

/** What becomes of a request about a protected account: it is refused, or a second person at the MSP has to confirm it. */
export const PROTECTION_RULES = ['refuse', 'second_person'] as const;
export type ProtectionRule = (typeof PROTECTION_RULES)[number];

export interface ProtectedAccount {
  /** The login name, in lower case. */
  readonly userName: string;
  readonly kind: ProtectedKind;
  readonly rule: ProtectionRule;
  /** The entry's identity in the directory, once it is known. */
  readonly identity: string | null;
}

/** Processes that take something from whom they are about. */
const GUARDED: readonly string[] = ['offboarding', 'absence', 'mover'];

const WORDS: Readonly<Record<ProtectedKind, string>> = {
  director: 'a director’s account',
  break_glass: 'a break-glass account',
  service: 'a service account',
  last_administrator: 'the last administrator’s account',
};

/** Whether a process is kept from protected accounts. Giving back what was taken is not. */
export function isGuarded(process: string): boolean {
  return GUARDED.includes(process);
}

/**
 * The protected accounts that somebody is: by login name, with or without a mail domain, whatever the case, and by the
 * directory's identity, so that a renamed entry stays protected.
 */
export function protectionsOf(
  accounts: readonly ProtectedAccount[],
  subject: { readonly name: string; readonly identity: string | null },
): ProtectedAccount[] {
  const name = subject.name.toLowerCase();
  const names = [name, name.split('@')[0]!];
  return accounts.filter(
    ({ userName, identity }) =>
      names.includes(userName) ||
      userName.split('@')[0] === name ||
      (identity !== null && identity === subject.identity),
  );
}

/**
 * The reason for a second person when a plan is about a protected account. Throws `AccountProtected` where the rule is to
 * refuse, unless the plan belongs to a run that has begun: that is too late to refuse, so a second person looks at it.
 */
export function protectionReasons(
  accounts: readonly ProtectedAccount[],
  plan: Pick<ConfirmablePlan, 'process' | 'subject'>,
  beginsRun: boolean,
): ConfirmationReason[] {
  if (!isGuarded(plan.process)) return [];
  const found = protectionsOf(accounts, plan.subject);
  const refused = found.find(({ rule }) => rule === 'refuse');
  if (refused && beginsRun)
    throw new AccountProtected(
      `${plan.subject.name} is ${WORDS[refused.kind]}, which no process may touch. Change its rule first, if that is meant.`,
    );
  return found.map(({ kind }) => ({
    code: 'request.account_protected',
    text: `${plan.subject.name} is ${WORDS[kind]}: a second person has to confirm.`,
  }));
}
