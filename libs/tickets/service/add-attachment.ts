import { createHash } from 'node:crypto';
import { ticketAttachmentAdded } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import { checkAttachment, LARGEST_TICKET_FILES, MOST_TICKET_FILES, TicketFilesFull } from '../model/index.js';
import { filesOf, insertAttachment, type AttachmentRow } from '../store/attachment.store.js';
import { appendEntry, type By, type TicketRow } from '../store/ticket.store.js';
import { onRecord, refuseClosed, tell } from './ticket-record.js';

/** A file as somebody sent it. */
export interface FileToAdd {
  /** As the sender calls it: what of it is no name is dropped. */
  readonly name: string;
  /** As the sender says; it is not believed. */
  readonly type?: string | null;
  readonly bytes: Buffer;
  readonly public: boolean;
}

/**
 * Keeps a file with a locked ticket, under a name that is one and as the type that its bytes are. Throws `TicketClosed`,
 * `AttachmentEmpty`, `AttachmentTooLarge`, `AttachmentTypeRefused` or `TicketFilesFull`, each before anything is written, so
 * that the caller's transaction can go on without it.
 */
export async function addAttachment(
  tx: Transaction,
  ticket: TicketRow,
  { name: given, bytes, public: isPublic }: FileToAdd,
  by: By,
): Promise<AttachmentRow> {
  refuseClosed(ticket);
  const { name, type } = checkAttachment({ name: given, bytes });
  const { count, bytes: kept } = await filesOf(tx, ticket);
  if (count >= MOST_TICKET_FILES || kept + bytes.length > LARGEST_TICKET_FILES)
    throw new TicketFilesFull(
      `A ticket has at most ${MOST_TICKET_FILES} files with ${LARGEST_TICKET_FILES} bytes in all. Open another one that names it.`,
    );
  const id = newId();
  const sha256 = createHash('sha256').update(bytes).digest();
  const about = { id, name, type, bytes: bytes.length, sha256: sha256.toString('hex') };
  const sequence = await appendEntry(tx, ticket, {
    kind: 'attachment',
    public: isPublic,
    by,
    change: { attachment: about },
  });
  const row = await insertAttachment(tx, ticket, id, {
    ...{ name, type, bytes, sha256, public: isPublic, sequence, by: by.subject },
  });
  await tell(tx, ticket, ticketAttachmentAdded, { ticketId: ticket.id, sequence, attachmentId: id, public: isPublic });
  // the name is words of somebody's: it stays out of the audit
  const after = { attachment: id, type, bytes: bytes.length, sha256: about.sha256, public: isPublic };
  await onRecord(tx, ticket, 'ticket.attachment_added', by, { after });
  return row;
}
