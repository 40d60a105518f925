import { sql } from 'kysely';
import { retentionBegun, retentionChanged } from '#libs/events';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  RETAINED_OUTCOMES,
  usualRetention,
  type OwnRetention,
  type RetainedOutcome,
} from '../model/retention.model.js';
import { shareHolds } from './privacy.store.js';

export type RetentionRow = Row<'tenant_retention'>;

/** What of an outcome has ended. */
export interface EndedOfOutcome {
  readonly outcome: RetainedOutcome;
  /** Are erased now. */
  readonly due: number;
  /** Would be, but for a legal hold. */
  readonly held: number;
  /** When the next is due that is not yet; null: none has ended. */
  readonly nextAt: Date | null;
}

/** What one batch erased. */
export interface ErasedBatch {
  readonly outcomes: Readonly<Partial<Record<RetainedOutcome, number>>>;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
}

const USUAL = json(usualRetention());

/** The rows of those tenants whose ended requests are erased by age. */
export function readRetention(tx: Transaction, tenants: readonly string[]): Promise<RetentionRow[]> {
  return tx.selectFrom('tenant_retention').selectAll().where('tenant_id', 'in', tenants).execute();
}

/** Begins the erasure by age for a tenant that goes live; changes nothing where it has begun. */
export async function beginRetention(tx: Transaction, tenant: string): Promise<void> {
  const id = newId();
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('tenant_retention')
    .values({ tenant_id: tenant, id })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) await tellRetention(tx, { tenant, id }, retentionBegun);
}

/** Replaces what a tenant has for itself and has its workflow look again; the first time begins it. */
export async function putRetention(tx: Transaction, tenant: string, own: OwnRetention, by: string): Promise<void> {
  await beginRetention(tx, tenant);
  const row = await tx
    .updateTable('tenant_retention')
    .set({ days: json(own), set_by: by, set_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .returning('id')
    .executeTakeFirstOrThrow();
  await tellRetention(tx, { tenant, id: row.id }, retentionChanged);
}

/** Has the workflow of a tenant look again, where there is one: what forbade an erasure has ended. */
export async function nudgeRetention(tx: Transaction, tenant: string): Promise<void> {
  const [row] = await readRetention(tx, [tenant]);
  if (row) await tellRetention(tx, { tenant, id: row.id }, retentionChanged);
}

/** What of a tenant has ended, by outcome, in the order of the table. The transaction sees the tenant. */
export async function endedOf(tx: Transaction, tenant: string): Promise<EndedOfOutcome[]> {
  const { rows } = await sql<EndedOfOutcome>`
    SELECT o.outcome, count(*) FILTER (WHERE e.due_at <= now() AND NOT e.busy AND NOT e.held)::int AS due,
      count(*) FILTER (WHERE e.held)::int AS held, min(e.due_at) FILTER (WHERE e.due_at > now()) AS "nextAt"
    FROM unnest(${[...RETAINED_OUTCOMES]}::text[]) WITH ORDINALITY AS o (outcome, n)
      LEFT JOIN ended_requests(${tenant}, ${USUAL}::jsonb) e ON e.outcome = o.outcome
    GROUP BY o.outcome, o.n ORDER BY o.n`.execute(tx);
  return rows;
}

/** How long until the next is due, in milliseconds, by the database's clock; null: nothing waits. */
export async function nextRetentionWait(tx: Transaction, tenant: string): Promise<number | null> {
  const { rows } = await sql<{ wait: number | null }>`
    SELECT ceil(extract(epoch FROM min(e.due_at) - clock_timestamp()) * 1000)::float8 AS wait
    FROM ended_requests(${tenant}, ${USUAL}::jsonb) e WHERE e.due_at > now()`.execute(tx);
  return rows[0]!.wait;
}

/** Erases at most `limit` requests that are due. The transaction writes for the tenant. */
export async function eraseEndedRequests(tx: Transaction, tenant: string, limit: number): Promise<ErasedBatch> {
  await shareHolds(tx, tenant);
  const { rows } = await sql<{ erased: ErasedBatch }>`
    SELECT erase_ended_requests(${tenant}, ${USUAL}::jsonb, ${limit}) AS erased`.execute(tx);
  return rows[0]!.erased;
}

async function tellRetention(
  tx: Transaction,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  definition: typeof retentionBegun,
): Promise<void> {
  const eventId = newId();
  await sql`UPDATE tenant_retention SET event_ids = event_ids || ${eventId}::uuid WHERE tenant_id = ${tenant} AND id = ${id}`.execute(
    tx,
  );
  const origin = { tenant, aggregate: `retention/${id}`, correlationId: id, causationId: null, id: eventId };
  await appendEvent(tx, definition, origin, { tenant, retentionId: id });
}
