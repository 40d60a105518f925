import { sql } from 'kysely';
import { approvalClosed, approvalMoved, approvalOpened } from '#libs/events';
import { newId } from '#libs/kernel';
import { isShownTo, type Reader } from '#libs/platform/access';
import { auditStatement } from '#libs/platform/audit';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { appendEvent, insertRecord, prepareEvent, type EventOrigin } from '#libs/platform/outbox';
import {
  ApprovalNotFound,
  DEFAULT_POLICY,
  expiryOf,
  type ApprovalPolicy,
  type GivenVote,
  type PolicySource,
  votesEndAt,
  type RoleHolder,
  type RoundState,
} from '../model/index.js';

export type RoundRow = Row<'approval_rounds'>;
export type VoteRow = Row<'approval_votes'>;

/** How a question ends. */
export type RoundOutcome = 'approved' | 'rejected' | 'superseded' | 'withdrawn';

/** What approvers are asked about: kind, id and the hash that their votes bind to. */
export interface RoundSubject {
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  /** Counts the questions about the same thing from 1. */
  readonly revision: number;
  readonly hash: string;
  /** The request that it is part of, or null. */
  readonly requestId: string | null;
  /** Decides which policy counts. */
  readonly process: string;
  /** When what is asked for begins (UTC), or null. */
  readonly startsAt: string | null;
}

/** A round with its votes, in their order. */
export interface Round {
  readonly row: RoundRow;
  readonly policy: ApprovalPolicy;
  readonly votes: readonly VoteRow[];
  /** When it was read, by the database's clock. */
  readonly readAt: Date;
}

interface PolicyInForce {
  readonly policy: ApprovalPolicy;
  readonly source: PolicySource;
  /** The database's clock. */
  readonly now: Date;
}

/** The policy that counts for a process of a customer now: its own, the customer's for all, the default. */
export async function policyInForce(tx: Transaction, tenant: string, process: string): Promise<PolicyInForce> {
  const { rows } = await sql<{ now: Date; process: string | null; version: number; body: unknown; created_by: string }>`
    SELECT now() AS now, p.process, p.version, p.body, p.created_by FROM (SELECT 1) one LEFT JOIN LATERAL (
      SELECT process, version, body, created_by FROM approval_policies
      WHERE tenant_id = ${tenant} AND process IN (${process}, '*') ORDER BY process = '*', version DESC LIMIT 1
    ) p ON true`.execute(tx);
  const { now, process: found, version, body, created_by: setBy } = rows[0]!;
  if (found === null || body === null)
    return { policy: DEFAULT_POLICY, source: { from: 'default', version: 0, setBy: null }, now };
  return { policy: body as ApprovalPolicy, source: { from: found === '*' ? 'all' : 'process', version, setBy }, now };
}

/**
 * Puts a question to approvers: a row with the policy of this moment, and the event that starts its workflow. An earlier
 * question about the same thing is superseded. Gives the approval's id.
 */
export async function openRound(tx: Transaction, subject: RoundSubject): Promise<string> {
  const { tenant, kind, revision, requestId, startsAt } = subject;
  if (revision > 1) await closeRounds(tx, subject, 'superseded');
  const { policy, source, now } = await policyInForce(tx, tenant, subject.process);
  const id = newId();
  const expiresAt = expiryOf(policy, now.getTime(), startsAt === null ? null : Date.parse(startsAt));
  const origin = { ...originOf(tenant, id, requestId), id };
  const record = prepareEvent(approvalOpened, origin, { approvalId: id, subjectKind: kind, subjectId: subject.id });
  // one round trip for both
  await insertRecord(tx, record, [
    sql`INSERT INTO approval_rounds (tenant_id, id, subject_kind, subject_id, subject_revision, subject_hash, request_id, process,
        policy, policy_from, policy_version, policy_set_by, expires_at, event_ids)
      VALUES (${tenant}, ${id}, ${kind}, ${subject.id}, ${revision}, ${subject.hash}, ${requestId}, ${subject.process},
        ${json(policy)}::jsonb, ${source.from}, ${source.version}, ${source.setBy},
        ${expiresAt === null ? null : new Date(expiresAt)}, ARRAY[${id}::uuid])`,
  ]);
  return id;
}

/** Ends every open question about a thing without a decision. Links that were mailed for it say so from now on. */
export async function closeRounds(
  tx: Transaction,
  { tenant, kind, id }: Pick<RoundSubject, 'tenant' | 'kind' | 'id'>,
  outcome: 'superseded' | 'withdrawn',
): Promise<void> {
  const open = await tx
    .selectFrom('approval_rounds')
    .select(['id', 'request_id'])
    .where('tenant_id', '=', tenant)
    .where('subject_kind', '=', kind)
    .where('subject_id', '=', id)
    .where('status', '=', 'open')
    .execute();
  for (const round of open) await closeRound(tx, { tenant, id: round.id, requestId: round.request_id }, outcome);
}

interface RoundRef {
  readonly tenant: string;
  readonly id: string;
  readonly requestId: string | null;
}

/** Ends a question and tells its workflow. Gives whether this call did: the first wins. */
export async function closeRound(
  tx: Transaction,
  { tenant, id, requestId }: RoundRef,
  outcome: RoundOutcome,
): Promise<boolean> {
  const eventId = newId();
  const { numUpdatedRows } = await tx
    .updateTable('approval_rounds')
    .set({ status: outcome, closed_at: sql<Date>`now()`, event_ids: sql`event_ids || ${eventId}::uuid` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await appendEvent(
    tx,
    approvalClosed,
    { ...originOf(tenant, id, requestId), id: eventId },
    { approvalId: id, outcome },
  );
  return true;
}

/** The next stage's approvers are asked. Hold what the question is about. */
export async function moveRound(tx: Transaction, { tenant, id, requestId }: RoundRef, stage: number): Promise<void> {
  const eventId = newId();
  await tx
    .updateTable('approval_rounds')
    .set({ stage, event_ids: sql`event_ids || ${eventId}::uuid` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
  await appendEvent(tx, approvalMoved, { ...originOf(tenant, id, requestId), id: eventId }, { approvalId: id, stage });
}

/** A round with its votes. */
export async function findRound(tx: Transaction, tenant: string, id: string): Promise<Round | undefined> {
  return one(tx, sql`r.tenant_id = ${tenant} AND r.id = ${id}`);
}

/** The round about one revision of a request's plan; undefined for plans that were presented before there were rounds. */
export async function findRoundOfPlan(
  tx: Transaction,
  plan: { readonly tenant: string; readonly requestId: string; readonly revision: number },
): Promise<Round | undefined> {
  const { tenant, requestId, revision } = plan;
  return one(
    tx,
    sql`r.tenant_id = ${tenant} AND r.request_id = ${requestId} AND r.subject_revision = ${revision} AND r.subject_kind = 'plan'`,
  );
}

type RoundWithVotes = RoundRow & {
  readonly read_at: Date;
  readonly votes: readonly (Omit<VoteRow, 'given_at'> & { readonly given_at: string })[];
};

/** Which rounds to list, and where the page begins. */
export interface RoundFilter {
  readonly reader: Reader;
  readonly tenants: readonly string[];
  readonly openOnly: boolean;
  readonly after: { readonly at: number; readonly id: string } | null;
  readonly limit: number;
}

/** Rounds that a reader sees, the newest first, each with its place in the list (microseconds since 1970). */
export async function listRounds(
  tx: Transaction,
  { reader, tenants, openOnly, after, limit }: RoundFilter,
): Promise<readonly { readonly round: Round; readonly place: number }[]> {
  if (tenants.length === 0) return [];
  const place = sql<number>`(extract(epoch FROM r.opened_at) * 1000000)::bigint`;
  const { rows } = await sql<RoundWithVotes & { readonly place: number }>`
    SELECT r.*, now() AS read_at, ${VOTES} AS votes, ${place} AS place FROM approval_rounds r
    WHERE r.tenant_id = ANY (${tenants}::text[]) AND (${!openOnly} OR r.status = 'open')
      AND (r.request_id IS NULL OR ${isShownTo(reader, OF_REQUEST)})
      AND (${after === null} OR (${place}, r.id) < (${after?.at ?? 0}::bigint, ${after?.id ?? NO_ID}::uuid))
    ORDER BY r.opened_at DESC, r.id DESC LIMIT ${limit}`.execute(tx);
  return rows.map(({ place: at, ...row }) => ({ round: toRound(row), place: at }));
}

/** A round among these tenants, unless it is part of a request that is not shown to the reader. */
export function findShownRound(
  tx: Transaction,
  reader: Reader,
  tenants: readonly string[],
  id: string,
): Promise<Round | undefined> {
  return one(
    tx,
    sql`r.tenant_id = ANY (${tenants}::text[]) AND r.id = ${id} AND (r.request_id IS NULL OR ${isShownTo(reader, OF_REQUEST)})`,
  );
}

export function approvalNotFound(id: string): ApprovalNotFound {
  return new ApprovalNotFound(`There is no approval ${id}, or you may not see it.`);
}

const OF_REQUEST = { tenant: 'r.tenant_id', id: 'r.request_id' };
const NO_ID = '00000000-0000-0000-0000-000000000000';
const VOTES = sql`coalesce((SELECT jsonb_agg(v ORDER BY v.given_at, v.id) FROM approval_votes v
  WHERE v.tenant_id = r.tenant_id AND v.approval_id = r.id), '[]')`;

async function one(tx: Transaction, condition: ReturnType<typeof sql>): Promise<Round | undefined> {
  const { rows } = await sql<RoundWithVotes>`
    SELECT r.*, now() AS read_at, ${VOTES} AS votes FROM approval_rounds r WHERE ${condition} ORDER BY r.opened_at DESC LIMIT 1`.execute(
    tx,
  );
  return rows[0] && toRound(rows[0]);
}

function toRound({ votes, read_at: readAt, ...row }: RoundWithVotes): Round {
  return {
    row,
    readAt,
    policy: row.policy as ApprovalPolicy,
    votes: votes.map((vote) => ({ ...vote, given_at: new Date(vote.given_at) })),
  };
}

/** A vote as it is put on record. */
export interface NewVote extends GivenVote {
  readonly id: string;
  readonly reason: string | null;
  /** The link that it was given by, or null. */
  readonly linkId: string | null;
}

/** Puts a vote on record, for the audit too. One per person: the row of what is asked about is held while voting. */
export async function insertVote(tx: Transaction, { row }: Round, vote: NewVote): Promise<void> {
  const { tenant_id: tenant, id: approvalId, subject_hash: hash } = row;
  const { id, stage, voter, onBehalfOf, verdict, reason, linkId } = vote;
  const entry = {
    action: 'vote.given',
    actor: voter,
    origin: onBehalfOf,
    object: { kind: 'approval', id: approvalId },
    request: row.request_id,
    reason,
    after: { verdict, stage, hash, ...(linkId === null ? {} : { linkId }) },
  };
  await sql`
    WITH vote AS (
      INSERT INTO approval_votes (tenant_id, approval_id, id, stage, voter, on_behalf_of, verdict, reason, subject_hash, link_id)
      VALUES (${tenant}, ${approvalId}, ${id}, ${stage}, ${voter}, ${onBehalfOf}, ${verdict}, ${reason}, ${hash}, ${linkId})
    ) ${auditStatement(tenant, entry)}`.execute(tx);
}

/** An approval that waited for its second person was rejected instead. */
export async function overturnRound(tx: Transaction, { tenant, id }: Pick<RoundRef, 'tenant' | 'id'>): Promise<void> {
  await tx
    .updateTable('approval_rounds')
    .set({ status: 'rejected' })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('status', '=', 'approved')
    .execute();
}

/** Whether its time is over and it is to be rejected, even if nobody has closed it yet. */
export function isExpired({ row, policy, readAt }: Round): boolean {
  const end = votesEndAt(policy, row.expires_at);
  return end !== null && end <= readAt;
}

/** A round as its votes are judged. `excluded`: who may not decide whatever the policy says. */
export function stateOf(
  { row, policy, votes }: Round,
  excluded: readonly string[],
  holders: readonly RoleHolder[],
): RoundState {
  const { stage, escalated_at: escalatedAt } = row;
  return { policy, stage, escalated: escalatedAt !== null, votes: votes.map(toGivenVote), excluded, holders };
}

export function toGivenVote({ stage, voter, on_behalf_of: onBehalfOf, verdict }: VoteRow): GivenVote {
  return { stage, voter, onBehalfOf, verdict };
}

export function refOf({ row }: Pick<Round, 'row'>): RoundRef {
  return { tenant: row.tenant_id, id: row.id, requestId: row.request_id };
}

/** Where a round's events come from; they belong to the request where there is one. */
export function originOf(tenant: string, id: string, requestId: string | null): EventOrigin {
  return { tenant, aggregate: `approval/${id}`, correlationId: requestId ?? id, causationId: null };
}
