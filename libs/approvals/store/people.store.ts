import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import {
  mailSubject,
  mayDecide,
  type Absence,
  type ApprovalPolicy,
  type Approver,
  type RoleHolder,
  type Standing,
  type Voter,
} from '../model/index.js';
import type { Round } from './round.store.js';

/** Who holds which role for a customer now: its own people and those of the MSP. */
export async function listRoleHolders(tx: Transaction, tenant: string): Promise<RoleHolder[]> {
  const { rows } = await sql<RoleHolder>`SELECT * FROM role_holders(${tenant})`.execute(tx);
  return rows;
}

/**
 * For whom a person may vote on a question now, with the roles that those hold. Somebody whose account is gone, or who may
 * not decide any more, has nobody vote for them.
 */
export async function standingsOf(tx: Transaction, question: Question, delegate: string): Promise<Standing[]> {
  const { tenant_id: tenant } = question.round.row;
  const { rows } = await sql<{ subject: string; roles: Voter['roles']; alsoKnownAs: string[] }>`
    SELECT d.delegator AS subject, jsonb_agg(jsonb_build_object('at', h.at, 'role', h.role)) AS roles,
      ARRAY(SELECT names_of_person(${tenant}, ARRAY[d.delegator])) AS "alsoKnownAs"
    FROM approval_delegations d JOIN LATERAL role_holders(${tenant}) h ON lower(h.subject) = lower(d.delegator)
    WHERE d.tenant_id = ${tenant} AND lower(d.delegate) = lower(${delegate}) AND ${inForceOn(question)}
    GROUP BY d.delegator ORDER BY min(d.set_at)`.execute(tx);
  return rows.filter(({ roles }) => roles.some(mayDecide)).map((delegator) => ({ delegate, delegator }));
}

/** A question, and who may not decide on it. */
export interface Question {
  readonly round: Pick<Round, 'row'>;
  readonly excluded: Pick<Excluded, 'requester'>;
}

/**
 * Whoever is away says so at any time. What somebody else says for them counts for questions that come after and that are not
 * their own, and never for an account of theirs: an administrator would else ask, name the approver's stand-in, and be it.
 */
function inForceOn({ round: { row }, excluded }: Question): ReturnType<typeof sql> {
  return sql`d.ended_at IS NULL AND d.valid_from <= now() AND d.valid_until > now()
    AND (lower(d.set_by) = lower(d.delegator) OR (d.set_at <= ${row.opened_at}
      AND lower(d.set_by) <> ALL (${[...excluded.requester]}::text[])
      AND lower(d.delegate) NOT IN (SELECT names_of_person(d.tenant_id, ARRAY[d.set_by]))))`;
}

/**
 * Every name that the people behind these subjects act by, in small letters: their accounts (one mail address is one
 * person), `mail:<address>`, the keys and machines that they made; of a machine whoever made it.
 */
export async function namesOfPerson(tx: Transaction, tenant: string, subjects: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM names_of_person(${tenant}, ${[...subjects]}::text[]) AS name`.execute(tx);
  return rows.map(({ name }) => name);
}

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

/**
 * Finds out who may not decide. What a machine requested, whoever made it requested. An address of the policy's contacts is
 * somebody's own when the account says so, or when it is the name that whom it is about signs in with.
 */
export async function excludedFrom(
  tx: Transaction,
  request: {
    readonly tenant: string;
    readonly requester: string;
    readonly subject: string;
    readonly policy: ApprovalPolicy;
  },
): Promise<Excluded> {
  const { tenant, requester, subject, policy } = request;
  const name = subject.split('@')[0]!;
  const about = [subject, `${name}@${tenant}`];
  const { rows } = await sql<{ asked: string[]; named: string[] }>`
    SELECT ARRAY(SELECT names_of_person(${tenant}, ${[requester]}::text[])) AS asked,
      ARRAY(SELECT names_of_person(${tenant}, ${about}::text[])) AS named`.execute(tx);
  const { asked, named } = rows[0]!;
  const likeTheirs = contactsOf(policy).filter((mail) => isOneOf(mail.split('@')[0]!, [name]));
  return {
    gone: await goneOf(tx, tenant, policy),
    requester: asked,
    subject: [...named, ...likeTheirs.map(mailSubject)],
  };
}

/** Those named by a policy whose account is closed, as subjects of votes. */
export async function goneOf(tx: Transaction, tenant: string, policy: ApprovalPolicy): Promise<string[]> {
  const people = approversIn(policy).flatMap((approver) => (approver.kind === 'person' ? [approver.subject] : []));
  const contacts = contactsOf(policy);
  if (people.length + contacts.length === 0) return [];
  const names = [...new Set([...people, ...contacts])];
  const { rows } = await sql<{
    name: string;
  }>`SELECT name FROM closed_approvers(${tenant}, ${names}::text[]) AS name`.execute(tx);
  const isGone = (one: string): boolean => rows.some(({ name }) => name === one);
  return [...people.filter(isGone), ...contacts.filter(isGone).map(mailSubject)];
}

function contactsOf(policy: ApprovalPolicy): string[] {
  return approversIn(policy).flatMap((approver) => (approver.kind === 'contact' ? [approver.mail] : []));
}

function approversIn({ stages, escalation }: ApprovalPolicy): readonly Approver[] {
  return [...stages.flatMap((stage) => stage.approvers), ...(escalation?.to ?? [])];
}

function isOneOf(text: string, others: readonly (string | null)[]): boolean {
  return others.some((other) => other?.toLowerCase() === text.toLowerCase());
}

/** Who stands in for whom on a question now, and until when. */
export async function delegatesOf(tx: Transaction, question: Question): Promise<Absence[]> {
  const { rows } = await sql<Absence>`
    SELECT d.delegator, d.delegate, d.valid_until AS until FROM approval_delegations d
    WHERE d.tenant_id = ${question.round.row.tenant_id} AND ${inForceOn(question)} ORDER BY d.set_at`.execute(tx);
  return rows;
}

/** Whether anybody whom a policy names can be told by mail. */
export async function hasAddresses(tx: Transaction, tenant: string, policy: ApprovalPolicy): Promise<boolean> {
  if (contactsOf(policy).length > 0) return true;
  const { rows } = await sql<{ any: boolean }>`
    SELECT EXISTS (SELECT FROM role_holders(${tenant}) WHERE mail IS NOT NULL) AS any`.execute(tx);
  return rows[0]!.any;
}
