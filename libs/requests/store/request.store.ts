import { sql } from 'kysely';
import type { Json } from '#libs/kernel';
import { isShownTo, type Reader } from '#libs/platform/access';
import { auditStatement } from '#libs/platform/audit';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { keepAnswer, type CallKey } from '#libs/platform/idempotency';
import { insertRecord, type OutboxRecord } from '#libs/platform/outbox';
import type { Confidentiality } from '../model/confidential.model.js';
import type { AbsenceBody } from '../model/absence-steps.js';
import type { MoverBody } from '../model/mover-steps.js';
import type { OffboardingBody } from '../model/offboarding-steps.js';
import type { OnboardingBody } from '../model/onboarding-steps.js';
import type { ReinstatementBody } from '../model/reinstatement.js';
import { refusedForTenant } from './tenant-refusal.js';
import { OPEN_REQUEST_STATUSES, type RequestStatus } from '../model/request-status.model.js';
import type { ApprovalWait } from '../model/second-person.model.js';

const SHOWN = { tenant: 'requests.tenant_id', id: 'requests.id' };

export type RequestBody = OffboardingBody | ReinstatementBody | OnboardingBody | MoverBody | AbsenceBody;
export type StoredRequest = Omit<Row<'requests'>, 'body'> & { readonly body: RequestBody };

export interface NewRequest {
  readonly tenant: string;
  readonly id: string;
  /** Whom it is about. */
  readonly subject: string;
  readonly body: RequestBody;
  readonly requestedBy: string;
  /** Who sees it until when; absent or null: whoever may read requests. */
  readonly confidential?: Confidentiality | null;
  /** The version of the customer's template that it was drawn from. */
  readonly templateVersion?: number | null;
  /** What only one open request may be about; see `RequestDraft`. */
  readonly onlyOne?: string | null;
  /** The ticket that it is made for. */
  readonly ticketId?: string | null;
}

/** The place of a row in a list, the newest first. */
export interface ListPlace {
  /** Microseconds since 1970, as PostgreSQL keeps them; a `Date` has milliseconds only. */
  readonly at: number;
  readonly id: string;
}

export interface RequestFilter {
  readonly reader: Reader;
  readonly tenants: readonly string[];
  readonly status: RequestStatus | null;
  readonly after: ListPlace | null;
  readonly limit: number;
}

/**
 * Writes a new request with its event, its audit and the answer under the caller's key: one statement, so that all of it commits
 * or nothing.
 */
export async function insertRequest(
  tx: Transaction,
  request: NewRequest,
  event: OutboxRecord,
  kept: { call: CallKey; status: number; answer: Json },
): Promise<void> {
  const row = tx.insertInto('requests').values({
    tenant_id: request.tenant,
    id: request.id,
    type: request.body.type,
    status: 'planning',
    subject: request.subject,
    body: json(request.body),
    requested_by: request.requestedBy,
    submitted_event_id: event.event_id,
    ...(request.confidential
      ? { confidential_until: request.confidential.until, confidants: [...request.confidential.confidants] }
      : {}),
  });
  const record = auditStatement(request.tenant, {
    ...{ action: 'request.submitted', actor: request.requestedBy, object: { kind: 'request', id: request.id } },
    after: { type: request.body.type, subject: request.subject },
  });
  const alongside = [sql`${row}`, keepAnswer(tx, kept.call, kept.status, kept.answer), record];
  await insertRecord(tx, event, alongside).catch(refusedForTenant(request.tenant));
}

/** The same, unless it is confidential and this reader is none of those who see it. */
export async function findShownRequest(
  tx: Transaction,
  reader: Reader,
  tenants: readonly string[],
  id: string,
): Promise<StoredRequest | undefined> {
  const row = await tx
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .where((where) => where.or([where('confidential_until', 'is', null), isShownTo(reader, SHOWN)]))
    .executeTakeFirst();
  return row as StoredRequest | undefined;
}

/** A request among those of `tenants`, or undefined; for background work, which sees confidential ones too. */
export async function findRequest(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<StoredRequest | undefined> {
  const row = await tx
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .executeTakeFirst();
  return row as StoredRequest | undefined;
}

/** The same, locked until the transaction ends. */
export async function findRequestLocked(
  tx: Transaction,
  tenant: string,
  id: string,
): Promise<StoredRequest | undefined> {
  const row = await tx
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row as StoredRequest | undefined;
}

/** Requests that a reader sees, the newest first. */
export async function listRequests(
  tx: Transaction,
  filter: RequestFilter,
): Promise<(StoredRequest & { place: number })[]> {
  const { status, after } = filter;
  const rows = await tx
    .selectFrom('requests')
    .selectAll()
    .select(sql<number>`(extract(epoch FROM requested_at) * 1000000)::bigint`.as('place'))
    .where('tenant_id', 'in', filter.tenants)
    .where((where) => where.or([where('confidential_until', 'is', null), isShownTo(filter.reader, SHOWN)]))
    .$if(status !== null, (query) => query.where('status', '=', status!))
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(requested_at, id) < (timestamptz 'epoch' + ${after!.at}::float8 * interval '1 microsecond', ${after!.id}::uuid)`,
      ),
    )
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
  return rows as (StoredRequest & { place: number })[];
}

/** Shows what is missing while a plan is up for approval; `needsSecondPerson` lets the MSP's owners see the request. */
export async function setApprovalWait(
  tx: Transaction,
  tenant: string,
  id: string,
  wait: ApprovalWait,
  needsSecondPerson: boolean,
): Promise<void> {
  await tx
    .updateTable('requests')
    .set({
      waiting_for: json(wait),
      updated_at: sql<Date>`now()`,
      ...(needsSecondPerson ? { needs_second_person: true } : {}),
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

/** Changes the status after a decision; what the request waited for is over. */
export async function setDecidedStatus(
  tx: Transaction,
  tenant: string,
  id: string,
  status: RequestStatus,
): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ status, waiting_for: null, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

/** Whether a reinstatement of this run is under way. Hold the run's row while asking and adding one. */
export async function hasOpenReinstatement(tx: Transaction, tenant: string, runId: string): Promise<boolean> {
  const found = await tx
    .selectFrom('requests')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('type', '=', 'reinstatement')
    .where('status', 'in', OPEN_REQUEST_STATUSES)
    .where(sql<string>`body ->> 'runId'`, '=', runId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether a run was taken back, or a reinstatement of it is under way. */
export async function wasReinstated(tx: Transaction, tenant: string, runId: string): Promise<boolean> {
  const found = await tx
    .selectFrom('requests')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('type', '=', 'reinstatement')
    .where('status', 'in', [...OPEN_REQUEST_STATUSES, 'closed'])
    .where(sql<string>`body ->> 'runId'`, '=', runId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** The index that keeps a second open request about the same out. */
export const ONLY_ONE_INDEX = 'requests_only_one';

/** An open request that nobody may have another one beside. */
export interface OpenRequest {
  readonly id: string;
  /** Whether the reader may know that it exists. */
  readonly isShown: boolean;
}

/** The open request that nobody else may have beside it. */
export async function findOpenRequest(
  tx: Transaction,
  reader: Reader,
  tenant: string,
  onlyOne: string,
): Promise<OpenRequest | undefined> {
  return (await findOpenClaims(tx, reader, tenant, [onlyOne])).get(onlyOne);
}

/** The open requests that have claimed some of these, by what they claimed. */
export async function findOpenClaims(
  tx: Transaction,
  reader: Reader,
  tenant: string,
  claims: readonly string[],
): Promise<Map<string, OpenRequest>> {
  // the statuses stand there as the partial index has them, and each claim is one look at it
  const { rows } = await sql<OpenRequest & { claim: string }>`
    SELECT c.claim, r.id, r.is_shown AS "isShown" FROM unnest(${[...claims]}::text[]) AS c (claim) CROSS JOIN LATERAL (
      SELECT id, confidential_until IS NULL OR ${isShownTo(reader, { tenant: 'q.tenant_id', id: 'q.id' })} AS is_shown FROM requests q
      WHERE q.tenant_id = ${tenant} AND q.only_one = c.claim
        AND q.status IN ('planning', 'awaiting_approval', 'approved', 'running') LIMIT 1
    ) r`.execute(tx);
  return new Map(rows.map(({ claim, id, isShown }) => [claim, { id, isShown }]));
}

/**
 * Says whom an open request is about from now on, and claims what only one may have. Throws PostgreSQL's unique violation of
 * `ONLY_ONE_INDEX` when another has it.
 */
export async function claimSubject(
  tx: Transaction,
  { tenant, requestId }: { readonly tenant: string; readonly requestId: string },
  subject: string,
  onlyOne: string,
): Promise<void> {
  await tx
    .updateTable('requests')
    .set({ subject, only_one: onlyOne })
    .where('tenant_id', '=', tenant)
    .where('id', '=', requestId)
    .execute();
}

/** Which of these other open requests have claimed. */
export async function claimedElsewhere(
  tx: Transaction,
  tenant: string,
  requestId: string,
  claims: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('requests')
    .select('only_one')
    .where('tenant_id', '=', tenant)
    .where('id', '<>', requestId)
    .where('only_one', 'in', claims)
    .where('status', 'in', OPEN_REQUEST_STATUSES)
    .execute();
  return rows.flatMap((row) => row.only_one ?? []);
}
