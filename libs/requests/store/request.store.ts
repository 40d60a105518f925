import { sql } from 'kysely';
import type { Json } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { keepAnswer, type CallKey } from '#libs/platform/idempotency';
import { insertRecord, type OutboxRecord } from '#libs/platform/outbox';
import type { OffboardingBody } from '../model/offboarding-steps.js';
import type { ReinstatementBody } from '../model/reinstatement.js';
import { OPEN_REQUEST_STATUSES, type RequestStatus } from '../model/request-status.model.js';

export type RequestBody = OffboardingBody | ReinstatementBody;
export type StoredRequest = Omit<Row<'requests'>, 'body'> & { readonly body: RequestBody };

export interface NewRequest {
  readonly tenant: string;
  readonly id: string;
  /** Whom it is about. */
  readonly subject: string;
  readonly body: RequestBody;
  readonly requestedBy: string;
}

/** The place of a row in a list, the newest first. */
export interface ListPlace {
  /** Microseconds since 1970, as PostgreSQL keeps them; a `Date` has milliseconds only. */
  readonly at: number;
  readonly id: string;
}

export interface RequestFilter {
  readonly tenants: readonly string[];
  readonly status: RequestStatus | null;
  readonly after: ListPlace | null;
  readonly limit: number;
}

/**
 * Writes a new request with its event and the answer under the caller's key: one statement, so that all of it commits
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
  });
  await insertRecord(tx, event, [sql`${row}`, keepAnswer(tx, kept.call, kept.status, kept.answer)]);
}

/** A request among those of `tenants`, or undefined. */
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

/** Requests, the newest first. */
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
