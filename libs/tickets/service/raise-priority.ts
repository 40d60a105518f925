import { ticketPriorityChanged } from '#libs/events';
import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { PRIORITIES, type Priority } from '../model/index.js';
import { retarget, type ServiceLevels } from './service-levels.js';
import { appendEntry, changeTicket, type By, type TicketRow } from '../store/ticket.store.js';

/**
 * Raises the priority of a locked ticket by one, or to what is named where that is higher; its rating stays what people said, and
 * what is promised follows.
 * Gives the ticket as it was where it cannot be raised.
 */
export async function raisePriority(
  tx: Transaction,
  before: TicketRow,
  { to, reason }: { readonly to: Priority | null; readonly reason: string },
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  const place = PRIORITIES.indexOf(before.priority as Priority);
  const wanted = to === null ? place - 1 : PRIORITIES.indexOf(to);
  if (before.status === 'closed' || wanted < 0 || wanted >= place) return before;
  const priority = PRIORITIES[wanted]!;
  const after = await changeTicket(tx, before, { priority });
  const [was, is] = [{ priority: before.priority }, { priority }];
  const change = { from: was, to: is };
  const sequence = await appendEntry(tx, before, { kind: 'priority', public: true, by, body: reason, change });
  const { tenant_id: tenant, id: ticketId } = before;
  const origin = { tenant, aggregate: `ticket/${ticketId}`, correlationId: ticketId, causationId: null };
  await appendEvent(tx, ticketPriorityChanged, origin, { ticketId, sequence, from: before.priority, to: priority });
  await retarget(tx, after, levels, by, reason);
  const object = { kind: 'ticket', id: ticketId };
  const entry = { action: 'ticket.priority_raised', actor: by.subject, object, reason };
  await appendAudit(tx, tenant, { ...entry, before: was, after: is });
  return after;
}
