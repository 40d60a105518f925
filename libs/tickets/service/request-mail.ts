import { ticketMailRequested } from '#libs/events';
import { newId, type AppError } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  isNoReply,
  TicketMailFlood,
  TicketMailToNoReply,
  TicketMailWouldBounce,
  type MailKind,
} from '../model/index.js';
import {
  hasBounced,
  insertTicketMail,
  isMuted,
  mailsOfLastHour,
  receiversOf,
  type MailReceiver,
} from '../store/ticket-mail.store.js';
import type { TicketRow } from '../store/ticket.store.js';

/** More confirmations than this in an hour are no person's. */
const MOST_AN_HOUR = 20;

/** What a mail is about besides its ticket. */
export interface MailAbout {
  /** The public entry whose words it brings. */
  readonly entry?: number | null;
  /** Of a reminder: when the ticket will be closed. */
  readonly closesAt?: Date | null;
}

/**
 * Has a mail about a ticket go to everybody whose concern it is, in the transaction of what it tells of. Each is a row and an
 * event, and a workflow sends it; what must not go out (to an address that bounced or takes no answers) is a row that says
 * why. Gives the ids of those that go out.
 */
export async function requestMail(
  tx: Transaction,
  ticket: TicketRow,
  kind: MailKind,
  about: MailAbout = {},
): Promise<readonly string[]> {
  const ids: string[] = [];
  if (await isMuted(tx, ticket.tenant_id, kind)) return ids;
  for (const receiver of await receiversOf(tx, ticket)) {
    const id = await requestOne(tx, ticket, kind, about, receiver);
    if (id !== null) ids.push(id);
  }
  return ids;
}

async function requestOne(
  tx: Transaction,
  ticket: TicketRow,
  kind: MailKind,
  { entry = null, closesAt = null }: MailAbout,
  receiver: MailReceiver,
): Promise<string | null> {
  const id = newId();
  const refusal = await refusalOf(tx, ticket.tenant_id, kind, receiver);
  const suppressed = refusal?.toProblem() ?? null;
  const eventId = newId();
  const eventIds = suppressed === null ? [eventId] : [];
  await insertTicketMail(tx, ticket, { id, kind, entry, closesAt, receiver, suppressed, eventIds });
  if (suppressed !== null) return null;
  const origin = {
    tenant: ticket.tenant_id,
    aggregate: `ticket-mail/${id}`,
    correlationId: ticket.id,
    causationId: null,
  };
  await appendEvent(tx, ticketMailRequested, { ...origin, id: eventId }, { mailId: id, ticketId: ticket.id, kind });
  return id;
}

async function refusalOf(
  tx: Transaction,
  tenant: string,
  kind: MailKind,
  { address }: MailReceiver,
): Promise<AppError | null> {
  if (isNoReply(address)) return new TicketMailToNoReply('Give the contact an address that somebody reads.');
  if (await hasBounced(tx, tenant, address))
    return new TicketMailWouldBounce(
      'Check the address and reach them in another way; a mail from there shows it works.',
    );
  if (kind !== 'answer' && (await mailsOfLastHour(tx, tenant, kind, address)) >= MOST_AN_HOUR)
    return new TicketMailFlood(`It got ${MOST_AN_HOUR} within an hour.`);
  return null;
}
