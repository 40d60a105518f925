import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';

export type SlaChangeRow = Row<'sla_changes'>;

/** A change of what is promised, which open tickets are to follow. */
export interface NewSlaChange {
  readonly kind: 'calendar' | 'policy' | 'tier';
  readonly name: string;
  readonly reason: string | null;
  readonly countsFrom: Date;
  readonly id: string;
  /** Of the events that tell of it. */
  readonly eventIds: readonly string[];
}

export function insertSlaChange(
  tx: Transaction,
  tenant: string,
  { id, kind, name, reason, countsFrom, eventIds }: NewSlaChange,
  by: string,
): Promise<SlaChangeRow> {
  return tx
    .insertInto('sla_changes')
    .values({
      tenant_id: tenant,
      id,
      kind,
      name,
      reason,
      counts_from: countsFrom,
      made_by: by,
      event_ids: [...eventIds],
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findSlaChange(tx: Transaction, tenant: string, id: string): Promise<SlaChangeRow | undefined> {
  return tx
    .selectFrom('sla_changes')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The newest first. */
export function listSlaChanges(tx: Transaction, tenants: readonly string[], limit: number): Promise<SlaChangeRow[]> {
  return tx
    .selectFrom('sla_changes')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Adds tickets that moved; with `done` the change has reached all. */
export async function countMoved(
  tx: Transaction,
  { tenant_id, id }: Pick<SlaChangeRow, 'tenant_id' | 'id'>,
  moved: number,
  done: boolean,
): Promise<void> {
  await tx
    .updateTable('sla_changes')
    .set(({ eb }) => ({
      tickets_moved: eb('tickets_moved', '+', moved),
      ...(done ? { done_at: sql<Date>`now()` } : {}),
    }))
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('done_at', 'is', null)
    .execute();
}

/** The next tenant with open tickets that a change of this owner's is about; undefined when there is none after it. */
export async function nextTenantWithOpenTickets(
  tx: Transaction,
  owner: string,
  after: string,
): Promise<string | undefined> {
  const { rows } = await sql<{
    tenant_id: string;
  }>`SELECT * FROM tenants_with_open_tickets(${owner}, ${after}, 1)`.execute(tx);
  return rows[0]?.tenant_id;
}

/** An open ticket, as far as promises go. */
export interface OpenTicket {
  readonly tenant_id: string;
  readonly id: string;
  readonly number: number;
  readonly type: string;
  readonly priority: string;
  readonly agreed_at: Date | null;
}

/** Open tickets of the tenants in the order of tenant and id, after a place. */
export function openTickets(
  tx: Transaction,
  tenants: readonly string[],
  after: { readonly tenant: string; readonly id: string } | null,
  limit: number,
): Promise<OpenTicket[]> {
  return tx
    .selectFrom('tickets')
    .select(['tenant_id', 'id', 'number', 'type', 'priority', 'agreed_at'])
    .where('tenant_id', 'in', [...tenants, ''])
    .where('closed_at', 'is', null)
    .$if(after !== null, (query) => query.where(sql<boolean>`(tenant_id, id) > (${after!.tenant}, ${after!.id}::uuid)`))
    .orderBy('tenant_id')
    .orderBy('id')
    .limit(limit)
    .execute();
}
