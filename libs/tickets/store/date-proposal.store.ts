import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';
import type { TicketRow } from './ticket.store.js';

export type DateProposalRow = Row<'ticket_date_proposals'>;

interface Proposed {
  readonly date: Date;
  readonly reason: string;
  readonly side: 'msp' | 'customer';
  readonly by: string;
}

/** Puts a proposal in the place of an open one; the ticket is locked. */
export async function insertDateProposal(
  tx: Transaction,
  { tenant_id, id: ticket_id }: TicketRow,
  { date, reason, side, by }: Proposed,
): Promise<DateProposalRow> {
  await tx
    .updateTable('ticket_date_proposals')
    .set({ status: 'replaced', answered_by: by, answered_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', ticket_id)
    .where('status', '=', 'proposed')
    .execute();
  return tx
    .insertInto('ticket_date_proposals')
    .values({ tenant_id, id: newId(), ticket_id, date, reason, side, proposed_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findDateProposal(
  tx: Transaction,
  { tenant_id, id: ticketId }: TicketRow,
  id: string,
): Promise<DateProposalRow | undefined> {
  return tx
    .selectFrom('ticket_date_proposals')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', ticketId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The newest first. */
export function dateProposalsOf(
  tx: Transaction,
  { tenant_id, id }: TicketRow,
  limit: number,
): Promise<DateProposalRow[]> {
  return tx
    .selectFrom('ticket_date_proposals')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .orderBy('proposed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Undefined when it is open no more. */
export function answerDateProposal(
  tx: Transaction,
  { tenant_id, id }: DateProposalRow,
  status: 'agreed' | 'refused',
  by: string,
): Promise<DateProposalRow | undefined> {
  return tx
    .updateTable('ticket_date_proposals')
    .set({ status, answered_by: by, answered_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('status', '=', 'proposed')
    .returningAll()
    .executeTakeFirst();
}

export async function setAgreedDate(tx: Transaction, { tenant_id, id }: TicketRow, date: Date): Promise<TicketRow> {
  return tx
    .updateTable('tickets')
    .set({ agreed_at: date, changed_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
