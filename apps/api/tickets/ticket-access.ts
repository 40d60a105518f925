import { mayDo, type Actor } from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import { findTicket, lockTicket, TicketNotFound, type By, type TicketReader, type TicketRow } from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';

/** Whose a ticket is. Throws `TicketNotFound`. */
export const tenantOfTicket: FindTenant = async (tx, tenants, id) => {
  const ticket = await findTicket(tx, { tenants, onlyOf: null, internal: false }, id);
  if (!ticket) throw notFound(id);
  return ticket.tenant_id;
};

/** What of tickets somebody sees among these tenants. */
export function readerOf(actor: Actor, tenants: readonly string[]): TicketReader {
  const isMsp = actor.kind === 'msp';
  const all = isMsp || mayDo(actor, 'ticket.read_all', actor.home);
  return { tenants, onlyOf: all ? null : actor.subject, internal: isMsp };
}

/** Somebody’s hand in what happens to a ticket. */
export function byOf(actor: Actor): By {
  return { subject: actor.subject, kind: actor.machine === true ? 'machine' : actor.kind };
}

/** Throws `TicketNotFound`. */
export async function seenTicket(tx: Transaction, actor: Actor, id: string): Promise<TicketRow> {
  const ticket = await findTicket(tx, readerOf(actor, actor.sees), id);
  if (!ticket) throw notFound(id);
  return ticket;
}

/** The ticket, locked: whoever may not see it does not learn that it exists. Throws `TicketNotFound`. */
export async function lockedTicket(tx: Transaction, actor: Actor, tenant: string, id: string): Promise<TicketRow> {
  const ticket = await lockTicket(tx, tenant, id);
  if (!ticket || !(await findTicket(tx, readerOf(actor, [tenant]), id))) throw notFound(id);
  return ticket;
}

export function notFound(id: string): TicketNotFound {
  return new TicketNotFound(`There is no ticket ${id}, or you may not see it.`);
}
