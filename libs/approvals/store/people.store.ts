import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import {
  mailSubject,
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

/** For whom a person may vote now, with the roles that those hold. Somebody whose account is gone has nobody vote for them. */
export async function standingsOf(tx: Transaction, tenant: string, delegate: string): Promise<Standing[]> {
  const { rows } = await sql<{ delegator: string; roles: Voter['roles'] }>`
    SELECT d.delegator, jsonb_agg(jsonb_build_object('at', h.at, 'role', h.role)) AS roles
    FROM approval_delegations d JOIN LATERAL role_holders(${tenant}) h ON lower(h.subject) = lower(d.delegator)
    WHERE d.tenant_id = ${tenant} AND lower(d.delegate) = lower(${delegate}) AND d.ended_at IS NULL
      AND d.valid_from <= now() AND d.valid_until > now()
    GROUP BY d.delegator ORDER BY min(d.set_at)`.execute(tx);
  return rows.map(({ delegator, roles }) => ({ delegate, delegator: { subject: delegator, roles } }));
}

/** The mail address of somebody with an account; null: none is known. */
export async function mailOfSubject(tx: Transaction, tenant: string, subject: string): Promise<string | null> {
  const { rows } = await sql<{ mail: string | null }>`SELECT mail_of_subject(${tenant}, ${subject}) AS mail`.execute(
    tx,
  );
  return rows[0]!.mail;
}

/** Who may not decide on a request whatever a policy says, as subjects of votes: by account and by mail address. */
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
 * Finds out who may not decide. An address of the policy's contacts is somebody's own when the account says so, or when it
 * is the name that whom it is about signs in with.
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
  const account = `${name}@${tenant}`;
  const contacts = contactsOf(policy);
  const gone = await goneOf(tx, tenant, policy);
  if (contacts.length === 0) return { requester: [requester], subject: [subject, account], gone };
  const ownMail = await mailOfSubject(tx, tenant, requester);
  const theirMail = await mailOfSubject(tx, tenant, account);
  const among = (isOwn: (mail: string) => boolean): string[] => contacts.filter(isOwn).map(mailSubject);
  return {
    gone,
    requester: [requester, ...among((mail) => isOneOf(mail, [requester, ownMail]))],
    subject: [
      ...[subject, account],
      ...among((mail) => isOneOf(mail, [subject, theirMail]) || isOneOf(mail.split('@')[0]!, [name])),
    ],
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

/** Who stands in for whom at a customer now. */
export async function delegatesOf(tx: Transaction, tenant: string): Promise<Absence[]> {
  const { rows } = await sql<Absence>`
    SELECT delegator, delegate FROM approval_delegations
    WHERE tenant_id = ${tenant} AND ended_at IS NULL AND valid_from <= now() AND valid_until > now() ORDER BY set_at`.execute(
    tx,
  );
  return rows;
}

/** Whether anybody whom a policy names can be told by mail. */
export async function hasAddresses(tx: Transaction, tenant: string, policy: ApprovalPolicy): Promise<boolean> {
  if (contactsOf(policy).length > 0) return true;
  const { rows } = await sql<{ any: boolean }>`
    SELECT EXISTS (SELECT FROM role_holders(${tenant}) WHERE mail IS NOT NULL) AS any`.execute(tx);
  return rows[0]!.any;
}
