import { ticketClassified, ticketTagged } from '#libs/events';
import type { Transaction } from '#libs/platform/database';
import { usualWorkClass, type TicketType, type WorkClass } from '../model/index.js';
import { appendEntry, changeTicket, type By, type TicketRow } from '../store/ticket.store.js';
import { retarget, type ServiceLevels } from './service-levels.js';
import { onRecord, refuseClosed, tell } from './ticket-record.js';

/** Gives a locked ticket another class of work, with the reason that the customer sees. Throws `TicketClosed`. */
export async function changeWorkClass(
  tx: Transaction,
  ticket: TicketRow,
  { workClass, reason }: { readonly workClass: WorkClass; readonly reason: string },
  by: By,
): Promise<TicketRow> {
  refuseClosed(ticket);
  return classify(tx, ticket, { type: ticket.type, workClass }, reason, by);
}

/**
 * Gives a locked ticket another type, with the reason that the customer sees: what is promised follows, and its class of work
 * unless somebody had chosen another than the usual one. Throws `TicketClosed`.
 */
export async function changeType(
  tx: Transaction,
  ticket: TicketRow,
  { type, reason }: { readonly type: TicketType; readonly reason: string },
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  refuseClosed(ticket);
  const isUsual = ticket.work_class === usualWorkClass(ticket.type as TicketType);
  const workClass = isUsual ? usualWorkClass(type) : ticket.work_class;
  const after = await classify(tx, ticket, { type, workClass }, reason, by);
  await retarget(tx, after, levels, by, reason);
  return after;
}

/** Replaces a locked ticket's tags. Throws `TicketClosed`. */
export async function setTags(tx: Transaction, ticket: TicketRow, tags: readonly string[], by: By): Promise<TicketRow> {
  refuseClosed(ticket);
  if (tags.length === ticket.tags.length && tags.every((tag) => ticket.tags.includes(tag))) return ticket;
  const after = await changeTicket(tx, ticket, { tags: [...tags] });
  const change = { from: { tags: ticket.tags }, to: { tags: [...tags] } };
  const sequence = await appendEntry(tx, ticket, { kind: 'tags', public: true, by, change });
  await tell(tx, ticket, ticketTagged, { ticketId: ticket.id, sequence });
  await onRecord(tx, ticket, 'ticket.tagged', by, { before: change.from, after: change.to });
  return after;
}

async function classify(
  tx: Transaction,
  ticket: TicketRow,
  { type, workClass }: { readonly type: string; readonly workClass: string },
  reason: string,
  by: By,
): Promise<TicketRow> {
  if (type === ticket.type && workClass === ticket.work_class) return ticket;
  const after = await changeTicket(tx, ticket, { type, work_class: workClass });
  const change = { from: { type: ticket.type, workClass: ticket.work_class }, to: { type, workClass } };
  const sequence = await appendEntry(tx, ticket, { kind: 'classification', public: true, by, body: reason, change });
  await tell(tx, ticket, ticketClassified, { ticketId: ticket.id, sequence, type, workClass });
  await onRecord(tx, ticket, 'ticket.classified', by, { before: change.from, after: change.to, reason });
  return after;
}
