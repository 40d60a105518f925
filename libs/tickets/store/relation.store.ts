import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';
import { isConcernOf, type TicketReader, type TicketRow } from './ticket.store.js';

export type TicketLinkRow = Row<'ticket_links'>;

type Place = Pick<TicketRow, 'tenant_id' | 'id'>;

export interface NewLink {
  readonly kind: TicketLinkRow['kind'];
  readonly otherId?: string;
  readonly externalId?: string;
  readonly label?: string | null;
  readonly by: string;
}

/** Links a ticket; undefined when that link is there. */
export function insertLink(
  tx: Transaction,
  { tenant_id, id: ticket_id }: Place,
  { kind, otherId = undefined, externalId = undefined, label = null, by }: NewLink,
): Promise<TicketLinkRow | undefined> {
  const end = { other_id: otherId ?? null, external_id: externalId ?? null, label };
  return tx
    .insertInto('ticket_links')
    .values({ tenant_id, id: newId(), ticket_id, kind, ...end, linked_by: by })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function findLink(tx: Transaction, tenants: readonly string[], id: string): Promise<TicketLinkRow | undefined> {
  return tx
    .selectFrom('ticket_links')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function deleteLink(tx: Transaction, { tenant_id, id }: TicketLinkRow): Promise<void> {
  await tx.deleteFrom('ticket_links').where('tenant_id', '=', tenant_id).where('id', '=', id).execute();
}

/** Links of a ticket in both directions, in their order. */
export function linksOf(tx: Transaction, { tenant_id, id }: Place): Promise<TicketLinkRow[]> {
  return tx
    .selectFrom('ticket_links')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where((where) => where.or([where('ticket_id', '=', id), where('other_id', '=', id)]))
    .orderBy('linked_at')
    .orderBy('id')
    .execute();
}

/** Of these tickets those that a reader sees. */
export async function ticketsSeen(
  tx: Transaction,
  { tenants, onlyOf }: TicketReader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<TicketRow, 'id' | 'number' | 'subject' | 'status'>>> {
  const rows = await tx
    .selectFrom('tickets')
    .select(['id', 'number', 'subject', 'status'])
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', 'in', [...ids, '00000000-0000-0000-0000-000000000000'])
    .$if(onlyOf !== null, (query) => query.where(isConcernOf(onlyOf!)))
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Ids of the requests that were made for a ticket, the oldest first. */
export async function requestsOfTicket(tx: Transaction, { tenant_id, id }: Place): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('requests')
    .select('id')
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .orderBy('requested_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.id);
}

/** Makes a request a ticket's; false when it is another's, or confidential. */
export async function bindRequest(tx: Transaction, { tenant_id, id }: Place, requestId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('requests')
    .set({ ticket_id: id })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', requestId)
    .where((where) => where.or([where('ticket_id', 'is', null), where('ticket_id', '=', id)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Who watches a ticket, by name. */
export async function watchersOf(tx: Transaction, { tenant_id, id }: Place): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('ticket_watchers')
    .select('subject')
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .orderBy('subject')
    .execute();
  return rows.map(({ subject }) => subject);
}

export async function addWatchers(
  tx: Transaction,
  { tenant_id, id: ticket_id }: Place,
  subjects: readonly string[],
  by: string,
): Promise<void> {
  if (subjects.length === 0) return;
  await tx
    .insertInto('ticket_watchers')
    .values(subjects.map((subject) => ({ tenant_id, ticket_id, subject, added_by: by })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function removeWatchers(
  tx: Transaction,
  { tenant_id, id }: Place,
  subjects: readonly string[],
): Promise<void> {
  if (subjects.length === 0) return;
  await tx
    .deleteFrom('ticket_watchers')
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .where('subject', 'in', [...subjects])
    .execute();
}

/** Of these people those who have an account at the customer. */
export async function peopleOf(
  tx: Transaction,
  tenant: string,
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('people')
    .select('subject')
    .where('tenant_id', '=', tenant)
    .where('subject', 'in', [...subjects, ''])
    .execute();
  return new Set(rows.map(({ subject }) => subject));
}
