import type { EventData, EventDefinition } from '#libs/events';
import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { TicketClosed } from '../model/index.js';
import type { By, TicketRow } from '../store/ticket.store.js';

type Place = Pick<TicketRow, 'tenant_id' | 'id'>;

/** Throws `TicketClosed`. */
export function refuseClosed({ status, number }: Pick<TicketRow, 'status' | 'number'>): void {
  if (status === 'closed') throw new TicketClosed(`Ticket ${number} is closed. Open another one that names it.`);
}

/** Tells of a ticket, in the order of its events. */
export async function tell<Definition extends EventDefinition>(
  tx: Transaction,
  { tenant_id: tenant, id }: Place,
  definition: Definition,
  data: EventData<Definition>,
): Promise<void> {
  await appendEvent(tx, definition, { tenant, aggregate: `ticket/${id}`, correlationId: id, causationId: null }, data);
}

type Entry = Omit<Parameters<typeof appendAudit>[2] & object, 'action' | 'actor' | 'object'>;

/** Puts an act on a ticket into the audit of its customer. */
export async function onRecord(
  tx: Transaction,
  ticket: Place,
  action: string,
  by: By,
  more: Partial<Entry>,
): Promise<void> {
  const object = { kind: 'ticket', id: ticket.id };
  await appendAudit(tx, ticket.tenant_id, { action, actor: by.subject, object, ...more });
}
