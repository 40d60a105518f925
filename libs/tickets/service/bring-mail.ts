import { AppError, type JsonObject } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import {
  AttachmentEmpty,
  AttachmentTooLarge,
  AttachmentTypeRefused,
  TicketFilesFull,
  type IncomingMail,
  type MailAttachment,
} from '../model/index.js';
import type { KnownSender, MailEnding } from '../store/incoming-mail.store.js';
import { appendEntry, lockTicket, type By, type TicketRow } from '../store/ticket.store.js';
import { addAttachment } from './add-attachment.js';
import type { ServiceLevels } from './service-levels.js';
import { comment, openTicket } from './work-on-tickets.js';

const LONGEST_SUBJECT = 300;
const LONGEST_BODY = 20_000;

/** Somebody's address, but nobody proved that they wrote it. */
const UNPROVEN: By = { subject: 'mail/unproven', kind: 'machine' };

const REFUSALS = [AttachmentEmpty, AttachmentTooLarge, AttachmentTypeRefused, TicketFilesFull] as const;

/** A mail on record, as it becomes part of a ticket. */
export interface MailToBring {
  readonly id: string;
  readonly subject: string;
  readonly words: string;
  readonly from: IncomingMail['from'];
  readonly proof: { readonly proven: boolean };
  readonly attachments: readonly MailAttachment[];
}

/** Where it goes, and for whom. */
export interface MailBringing {
  /** Null: it becomes a ticket of its own. */
  readonly ticketId: string | null;
  /** Null: a stranger. */
  readonly sender: KnownSender | null;
  /** By whom a stranger's mail goes on record. */
  readonly stranger: By;
  readonly reason: string | null;
}

/**
 * Makes a mail a comment to its ticket, or a ticket. Only a proven sender counts as the person, ends waiting and is seen at once;
 * what an address wrote that anybody could have used is an internal note until a technician answers it.
 */
export async function bringMail(
  tx: Transaction,
  tenant: string,
  mail: MailToBring,
  bringing: MailBringing,
  levels: ServiceLevels,
): Promise<MailEnding> {
  const ticket = bringing.ticketId === null ? undefined : await lockTicket(tx, tenant, bringing.ticketId);
  if (ticket && ticket.status !== 'closed') return addComment(tx, ticket, mail, bringing);
  const reason = ticket ? 'ticket_was_closed' : bringing.reason;
  return open(tx, tenant, mail, { ...bringing, reason }, levels);
}

async function addComment(
  tx: Transaction,
  ticket: TicketRow,
  mail: MailToBring,
  bringing: MailBringing,
): Promise<MailEnding> {
  const by = byOf(mail, bringing);
  const said = { body: cut(mail.words, LONGEST_BODY) || '-', isPublic: by.kind === 'customer', change: marks(mail) };
  const { ticket: after, sequence } = await comment(tx, ticket, said, by);
  await addFiles(tx, after, mail, by);
  return { outcome: 'commented', reason: bringing.reason, ticketId: ticket.id, sequence };
}

async function open(
  tx: Transaction,
  tenant: string,
  mail: MailToBring,
  bringing: MailBringing,
  levels: ServiceLevels,
): Promise<MailEnding> {
  const by = byOf(mail, bringing);
  const isProven = by.kind === 'customer';
  const ticket = await openTicket(
    tx,
    tenant,
    {
      ...{ type: 'incident', subject: cut(mail.subject, LONGEST_SUBJECT) || '-', impact: 'medium', urgency: 'medium' },
      ...{ description: cut(mail.words, LONGEST_BODY) || null, tags: [] },
      requester: isProven ? bringing.sender!.subject : null,
      contactId: isProven ? bringing.sender!.contactId : null,
    },
    by,
    levels,
  );
  // seen by technicians alone: who it says it is from, and whether that is so
  const sequence = await appendEntry(tx, ticket, { kind: 'mail', public: false, by, change: marks(mail) });
  await addFiles(tx, ticket, mail, by);
  return { outcome: 'opened', reason: bringing.reason, ticketId: ticket.id, sequence };
}

/** A file that is not taken stays in the mail as it came; technicians read which, and why. */
async function addFiles(tx: Transaction, ticket: TicketRow, { id, attachments }: MailToBring, by: By): Promise<void> {
  const refused: JsonObject[] = [];
  for (const { name, type, bytes } of attachments) {
    try {
      await addAttachment(tx, ticket, { name, type, bytes, public: by.kind === 'customer' }, by);
    } catch (error) {
      // refused before anything was written; what else fails, fails the whole
      if (!(error instanceof AppError && REFUSALS.some((refusal) => error instanceof refusal))) throw error;
      refused.push({ name, code: error.code });
    }
  }
  if (refused.length === 0) return;
  await appendEntry(tx, ticket, { kind: 'mail', public: false, by, change: { mail: { id }, refusedFiles: refused } });
}

function byOf({ proof }: MailToBring, { sender, stranger }: MailBringing): By {
  if (sender === null) return stranger;
  const { subject, contactId } = sender;
  const name = subject ?? (contactId === null ? null : `contact/${contactId}`);
  return proof.proven && name !== null ? { subject: name, kind: 'customer' } : UNPROVEN;
}

function marks({ id, proof }: MailToBring): JsonObject {
  return { mail: { id, proven: proof.proven } };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
