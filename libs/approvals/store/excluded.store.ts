import { sql } from 'kysely';
import { json, type Transaction } from '#libs/platform/database';
import { approversIn, contactsOf, mailSubject, type ApprovalPolicy } from '../model/index.js';
import type { Round } from './round.store.js';

/** Who may not decide on a request whatever a policy says, as subjects of votes: by every account, machine and mail address of theirs. */
export interface Excluded {
  readonly requester: readonly string[];
  /** Whom it is about. */
  readonly subject: readonly string[];
  /** Those named by the policy whose account is closed: nobody waits for them. */
  readonly gone: readonly string[];
}

/** Who may not decide on a question any more. A vote that somebody gave while they had an account stays. */
export function barredFrom({ votes }: Pick<Round, 'votes'>, { requester, subject, gone }: Excluded): readonly string[] {
  const hasVoted = (one: string): boolean => votes.some(({ voter, on_behalf_of: of }) => isOneOf(one, [voter, of]));
  return [...requester, ...subject, ...gone.filter((one) => !hasVoted(one))];
}

/** A request that approvers are asked about. */
export interface AskedRequest {
  readonly tenant: string;
  readonly requester: string;
  readonly subject: string;
  readonly policy: ApprovalPolicy;
}

/**
 * Finds out who may not decide. What a machine requested, whoever made it requested. An address of the policy's contacts is
 * somebody's own when the account says so, or when it is the name that whom it is about signs in with.
 */
export async function excludedFrom(tx: Transaction, request: AskedRequest): Promise<Excluded> {
  return (await excludedFromAll(tx, [request]))[0]!;
}

/** The same for many requests, in their order. */
export async function excludedFromAll(tx: Transaction, requests: readonly AskedRequest[]): Promise<Excluded[]> {
  if (requests.length === 0) return [];
  const asked = requests.map(({ tenant, requester, subject, policy }, n) => ({
    ...{ n, tenant, requester, about: [subject, `${nameIn(subject)}@${tenant}`], named: namedBy(policy) },
  }));
  const { rows } = await sql<{ asked: string[]; about: string[]; closed: string[] }>`
    SELECT ARRAY(SELECT names_of_person(q.tenant, ARRAY[q.requester])) AS asked,
      ARRAY(SELECT names_of_person(q.tenant, q.about)) AS about,
      ARRAY(SELECT closed_approvers(q.tenant, q.named)) AS closed
    FROM jsonb_to_recordset(${json(asked)}::jsonb) AS q (n int, tenant text, requester text, about text[], named text[])
    ORDER BY q.n`.execute(tx);
  return requests.map(({ subject, policy }, n) => {
    const { asked: requester, about, closed } = rows[n]!;
    const likeTheirs = contactsOf(policy).filter((mail) => isOneOf(nameIn(mail), [nameIn(subject)]));
    return { requester, subject: [...about, ...likeTheirs.map(mailSubject)], gone: goneAmong(policy, closed) };
  });
}

/** Those named by a policy whose account is closed, as subjects of votes. */
export async function goneOf(tx: Transaction, tenant: string, policy: ApprovalPolicy): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM closed_approvers(${tenant}, ${namedBy(policy)}::text[]) AS name`.execute(tx);
  return goneAmong(
    policy,
    rows.map(({ name }) => name),
  );
}

function goneAmong(policy: ApprovalPolicy, closed: readonly string[]): string[] {
  const isGone = (one: string): boolean => closed.includes(one);
  return [...peopleOf(policy).filter(isGone), ...contactsOf(policy).filter(isGone).map(mailSubject)];
}

function namedBy(policy: ApprovalPolicy): string[] {
  return [...new Set([...peopleOf(policy), ...contactsOf(policy)])];
}

function peopleOf(policy: ApprovalPolicy): string[] {
  return approversIn(policy).flatMap((approver) => (approver.kind === 'person' ? [approver.subject] : []));
}

/** The name in front of an address, or in a subject. */
function nameIn(subject: string): string {
  return subject.split('@')[0]!;
}

function isOneOf(text: string, others: readonly (string | null)[]): boolean {
  return others.some((other) => other?.toLowerCase() === text.toLowerCase());
}
