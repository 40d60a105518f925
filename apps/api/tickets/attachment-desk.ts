import { mayDo, PermissionDenied, type Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  addAttachment,
  AttachmentNotFound,
  attachmentsOf,
  bytesOf,
  findAttachment,
  findTicket,
  LARGEST_ATTACHMENT,
  type AttachmentRow,
} from '#libs/tickets';
import type { Writer } from '../access/caller.js';
import { callWithFile, readFile } from '../http/file-body.js';
import { createOnce } from '../tenants/tenancy-record.js';
import { attachmentView, type AttachmentQuery, type AttachmentsView, type AttachmentView } from './attachment.dto.js';
import { byOf, lockedTicket, readerOf, seenTicket } from './ticket-access.js';

/** Files of tickets: taken, listed, and given out as bytes to be saved. */
export class AttachmentDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `TicketNotFound`, what `readFile` and `addAttachment` throw, and `PermissionDenied` for an internal one. */
  async add(
    call: CallKey,
    { actor, tenant }: Writer,
    id: string,
    { name, internal = 'false' }: AttachmentQuery,
    file: unknown,
  ): Promise<AttachmentView> {
    if (internal === 'true' && !mayDo(actor, 'ticket.work', tenant))
      throw new PermissionDenied('Internal files are for people of the MSP. Leave `internal` out.');
    // who may not see the ticket sends us no file
    await inTenants(this.database, [tenant], (tx) => seenTicket(tx, actor, id));
    const bytes = await readFile(file, LARGEST_ATTACHMENT);
    const view = await createOnce(this.database, callWithFile(call, bytes, `${internal} ${name}`), async (tx) => {
      const ticket = await lockedTicket(tx, actor, tenant, id);
      return attachmentView(
        await addAttachment(tx, ticket, { name, bytes, public: internal === 'false' }, byOf(actor)),
      );
    });
    this.hint.give();
    return view;
  }

  /** Throws `TicketNotFound`. */
  list(actor: Actor, id: string): Promise<AttachmentsView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const ticket = await seenTicket(tx, actor, id);
      return { items: (await attachmentsOf(tx, ticket, readerOf(actor, actor.sees))).map(attachmentView) };
    });
  }

  /** Throws `AttachmentNotFound`, also when the ticket is not the caller's to see. */
  download(actor: Actor, id: string): Promise<{ readonly row: AttachmentRow; readonly bytes: Buffer }> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const row = await this.seen(tx, actor, id);
      return { row, bytes: await bytesOf(tx, row) };
    });
  }

  private async seen(tx: Transaction, actor: Actor, id: string): Promise<AttachmentRow> {
    const reader = readerOf(actor, actor.sees);
    const row = await findAttachment(tx, reader, id);
    if (!row || !(await findTicket(tx, reader, row.ticket_id)))
      throw new AttachmentNotFound(`There is no attachment ${id}, or you may not see it.`);
    return row;
  }
}
