import type { Approver, RoleApprover } from './approval-policy.model.js';
import { mailSubject, type RoleHolder } from './policy-faults.model.js';
import type { RoundState } from './vote.model.js';

/** Somebody who is told by mail that a decision is needed. */
export interface ToldPerson {
  readonly mail: string;
  readonly language: 'de' | 'en';
  /** True for somebody without an account. */
  readonly needsLink: boolean;
  /** For whom the person stands in, or null. */
  readonly standsInFor: string | null;
}

/** Who stands in for whom now. */
export interface Absence {
  readonly delegator: string;
  readonly delegate: string;
  readonly until: Date;
}

/** Most of our readers are German; who has said otherwise is heard. */
const USUAL_LANGUAGE = 'de';

/**
 * Who is told by mail: the approvers with a known address who have not voted and may decide, each once, and whoever stands
 * in for one of them.
 */
export function peopleToTell(
  { votes, excluded }: Pick<RoundState, 'votes' | 'excluded'>,
  approvers: readonly Approver[],
  holders: readonly RoleHolder[],
  absences: readonly Absence[],
): ToldPerson[] {
  const gone = new Set(
    [...excluded, ...votes.flatMap(({ voter, onBehalfOf }) => [voter, onBehalfOf ?? voter])].map((one) =>
      one.toLowerCase(),
    ),
  );
  const told = new Map<string, ToldPerson>();
  const tell = (subject: string, person: ToldPerson): void => {
    const key = person.mail.toLowerCase();
    // one mail address is one person
    const names = [subject.toLowerCase(), mailSubject(key), ...subjectsWith(key, holders)];
    if (!names.some((name) => gone.has(name)) && !told.has(key)) told.set(key, person);
  };
  const tellHolder = (subject: string, standsInFor: string | null): void => {
    const holder = holders.find((one) => same(one.subject, subject) && one.mail !== null);
    if (!holder) return;
    const language = holder.language ?? USUAL_LANGUAGE;
    tell(subject, { mail: holder.mail!, language, needsLink: false, standsInFor });
  };
  for (const approver of approvers) {
    if (approver.kind === 'contact') {
      const { mail, language } = approver;
      tell(mailSubject(mail), { mail, language, needsLink: true, standsInFor: null });
      continue;
    }
    for (const subject of subjectsOf(approver, holders)) {
      tellHolder(subject, null);
      if (gone.has(subject.toLowerCase())) continue;
      for (const { delegator, delegate } of absences) if (same(delegator, subject)) tellHolder(delegate, subject);
    }
  }
  return [...told.values()];
}

function subjectsWith(mail: string, holders: readonly RoleHolder[]): string[] {
  return holders.flatMap((holder) => (holder.mail?.toLowerCase() === mail ? [holder.subject.toLowerCase()] : []));
}

function subjectsOf(
  approver: Exclude<Approver, { kind: 'contact' }>,
  holders: readonly RoleHolder[],
): readonly string[] {
  if (approver.kind === 'person') return [approver.subject];
  return isAsked(approver)
    ? [
        ...new Set(
          holders.filter(({ at, role }) => at === approver.at && role === approver.role).map(({ subject }) => subject),
        ),
      ]
    : [];
}

function isAsked({ ask }: RoleApprover): boolean {
  return ask !== false;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
