import {
  ticketAssigned,
  ticketCommented,
  ticketOpened,
  ticketPriorityChanged,
  ticketStatusChanged,
} from '#libs/events';
import type { JsonObject } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import {
  mayFollow,
  needsReason,
  priorityOf,
  statusAfterCustomersAnswer,
  TicketReasonMissing,
  TicketStatusImpossible,
  usualWorkClass,
  type Grade,
  type Status,
  type TicketType,
  type WorkClass,
} from '../model/index.js';
import { requestMail } from './request-mail.js';
import { retarget, type ServiceLevels } from './service-levels.js';
import { onRecord, refuseClosed, tell } from './ticket-record.js';
import { appendEntry, changeTicket, insertTicket, matrixOf, type By, type TicketRow } from '../store/ticket.store.js';

/** What somebody asks for. */
export interface TicketWish {
  readonly type: TicketType;
  readonly workClass?: WorkClass;
  readonly subject: string;
  readonly description: string | null;
  readonly impact: Grade;
  readonly urgency: Grade;
  readonly tags: readonly string[];
  readonly requester: string | null;
  readonly contactId: string | null;
}

/** What somebody says. */
export interface CommentWish {
  readonly body: string;
  readonly isPublic: boolean;
  /** What came along with it. */
  readonly change?: JsonObject;
}

/** Opens a ticket; the customer's matrix gives its priority, and its service levels what is promised. */
export async function openTicket(
  tx: Transaction,
  tenant: string,
  wish: TicketWish,
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  const priority = priorityOf(await matrixOf(tx, tenant), wish.impact, wish.urgency);
  const workClass = wish.workClass ?? usualWorkClass(wish.type);
  const ticket = await insertTicket(tx, tenant, { ...wish, workClass, priority }, by);
  await appendEntry(tx, ticket, { kind: 'opened', public: true, by });
  const { number, type } = ticket;
  await tell(tx, ticket, ticketOpened, { ticketId: ticket.id, number, type, workClass, priority });
  await retarget(tx, ticket, levels, by);
  await onRecord(tx, ticket, 'ticket.opened', by, { after: { number, type, priority } });
  await requestMail(tx, ticket, 'received');
  return ticket;
}

/**
 * Adds a comment to a locked ticket. A customer's ends waiting for the customer, and opens what was resolved again. Throws
 * `TicketClosed`.
 */
export async function comment(
  tx: Transaction,
  ticket: TicketRow,
  { body, isPublic, change }: CommentWish,
  by: By,
): Promise<{ readonly ticket: TicketRow; readonly sequence: number }> {
  refuseClosed(ticket);
  const sequence = await appendEntry(tx, ticket, {
    kind: 'comment',
    public: isPublic,
    by,
    body,
    ...(change && { change }),
  });
  const told = { ticketId: ticket.id, sequence, public: isPublic, byKind: by.kind };
  await tell(tx, ticket, ticketCommented, told);
  await onRecord(tx, ticket, 'ticket.commented', by, { after: { sequence, public: isPublic } });
  if (by.kind === 'msp' && isPublic) await requestMail(tx, ticket, 'answer', { entry: sequence });
  const next = by.kind === 'customer' ? statusAfterCustomersAnswer(ticket.status as Status) : null;
  return { ticket: next === null ? ticket : await become(tx, ticket, next, null, by), sequence };
}

/**
 * Gives a locked ticket another status; closing it freezes its verdict. Throws `TicketClosed`, `TicketStatusImpossible` or
 * `TicketReasonMissing`.
 */
export async function changeStatus(
  tx: Transaction,
  ticket: TicketRow,
  { status, reason }: { readonly status: Status; readonly reason: string | null },
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  refuseClosed(ticket);
  if (!mayFollow(status, ticket.status as Status))
    throw new TicketStatusImpossible(`A ticket that is ${ticket.status} cannot become ${status}.`);
  if (needsReason(status) && reason === null) {
    const message = `Say why the ticket is ${status}: the customer sees it, and the clock stops for it.`;
    throw new TicketReasonMissing(message, { errors: [{ path: 'reason', code: 'missing', message }] });
  }
  const after = await become(tx, ticket, status, reason, by);
  if (status === 'closed') await levels.freeze(tx, after);
  return after;
}

async function become(
  tx: Transaction,
  before: TicketRow,
  status: Status,
  reason: string | null,
  by: By,
): Promise<TicketRow> {
  const after = await changeTicket(tx, before, { status, status_reason: needsReason(status) ? reason : null });
  const change = { status: { from: before.status, to: status } };
  const sequence = await appendEntry(tx, before, { kind: 'status', public: true, by, body: reason, change });
  await tell(tx, before, ticketStatusChanged, { ticketId: before.id, sequence, from: before.status, to: status });
  const [was, is] = [{ status: before.status }, { status }];
  await onRecord(tx, before, 'ticket.status_changed', by, { before: was, after: is, reason });
  if (status === 'waiting_for_customer') await requestMail(tx, after, 'waiting', { entry: sequence });
  if (status === 'closed') await requestMail(tx, after, 'closed', { entry: sequence });
  return after;
}

/** Rates a locked ticket anew; its priority follows by the customer's matrix, and with it what is promised. Throws `TicketClosed`. */
export async function rate(
  tx: Transaction,
  before: TicketRow,
  { impact, urgency, reason }: { readonly impact: Grade; readonly urgency: Grade; readonly reason: string },
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  refuseClosed(before);
  const priority = priorityOf(await matrixOf(tx, before.tenant_id), impact, urgency);
  const after = await changeTicket(tx, before, { impact, urgency, priority });
  const [was, is] = [ratingOf(before), ratingOf(after)];
  const change = { from: was, to: is };
  const sequence = await appendEntry(tx, before, { kind: 'priority', public: true, by, body: reason, change });
  const told = { ticketId: before.id, sequence, from: before.priority, to: priority };
  if (before.priority !== priority) await tell(tx, before, ticketPriorityChanged, told);
  await retarget(tx, after, levels, by, reason);
  await onRecord(tx, before, 'ticket.rated', by, { before: was, after: is, reason });
  return after;
}

/** Gives a locked ticket to a team, a technician, or both; a new one is assigned by that. Throws `TicketClosed`. */
export async function assign(
  tx: Transaction,
  before: TicketRow,
  { team, technician }: { readonly team: string | null; readonly technician: string | null },
  by: By,
): Promise<TicketRow> {
  refuseClosed(before);
  const after = await changeTicket(tx, before, { team, technician });
  const [was, is] = [placeOf(before), placeOf(after)];
  const sequence = await appendEntry(tx, before, {
    kind: 'assignment',
    public: true,
    by,
    change: { from: was, to: is },
  });
  await tell(tx, before, ticketAssigned, { ticketId: before.id, sequence });
  await onRecord(tx, before, 'ticket.assigned', by, { before: was, after: is });
  const isTaken = before.status === 'new' && (team !== null || technician !== null);
  return isTaken ? become(tx, after, 'assigned', null, by) : after;
}

function ratingOf({ impact, urgency, priority }: TicketRow) {
  return { impact, urgency, priority };
}

function placeOf({ team, technician }: TicketRow) {
  return { team, technician };
}
