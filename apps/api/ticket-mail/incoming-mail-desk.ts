import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  bringMail,
  findIncomingMail,
  findTicket,
  IncomingMailDecided,
  IncomingMailNotFound,
  incomingMailsOf,
  listIncomingMails,
  lockIncomingMail,
  originalOf,
  senderAt,
  settleIncomingMail,
  TicketNotFound,
  ticketMailsOf,
  type IncomingMailRow,
  type MailEnding,
  type ServiceLevels,
} from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import { readAttachments } from './read-mail.js';
import type { IncomingMailQuery } from './ticket-mail.dto.js';
import {
  incomingMailView,
  ticketMailView,
  type IncomingMailPageView,
  type IncomingMailView,
  type MailsOfTicketView,
} from './ticket-mail.view.js';

const LIST = 'incoming-mails';
const MOST_OF_TICKET = 200;

/** Mails that came in, and what people decide about them. */
export class IncomingMailDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly levels: ServiceLevels,
  ) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, outcome, cursor, limit }: IncomingMailQuery): Promise<IncomingMailPageView> {
    const tenants = listedTenants(actor, tenant);
    const place = readPlace(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) =>
      listIncomingMails(tx, tenants, outcome, place, limit + 1),
    );
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place_at, id: row.id }), incomingMailView);
    return { items: [...page.items], nextCursor: page.nextCursor };
  }

  /** Throws `IncomingMailNotFound`. */
  one(actor: Actor, id: string): Promise<IncomingMailView> {
    return inTenants(this.database, actor.sees, async (tx) => incomingMailView(await found(tx, actor.sees, id)));
  }

  /** The mail as it came. Throws `IncomingMailNotFound`, also where its words were not kept. */
  original(actor: Actor, id: string): Promise<Buffer> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const original = await originalOf(tx, await found(tx, actor.sees, id));
      if (!original) throw notFound(id);
      return original;
    });
  }

  /** Mails out and in of a ticket. Throws `TicketNotFound`. */
  ofTicket(actor: Actor, id: string): Promise<MailsOfTicketView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const ticket = await findTicket(tx, { tenants: actor.sees, onlyOf: null, internal: true }, id);
      if (!ticket) throw new TicketNotFound(`There is no ticket ${id}, or you may not see it.`);
      const [outgoing, incoming] = [
        await ticketMailsOf(tx, ticket, MOST_OF_TICKET),
        await incomingMailsOf(tx, ticket, MOST_OF_TICKET),
      ];
      return { outgoing: outgoing.map(ticketMailView), incoming: incoming.map(incomingMailView) };
    });
  }

  /** Makes a ticket of a mail that waits. Throws `IncomingMailNotFound` or `IncomingMailDecided`. */
  async release(writer: Writer, id: string): Promise<IncomingMailView> {
    const view = await this.decide(writer, id, 'incoming_mail.released', async (tx, row) => {
      const { tenant_id: tenant, from_address: from, subject, new_text: words, proven } = row;
      const sender = from === null ? undefined : await senderAt(tx, tenant, from);
      const mail = { id, subject, words, from: null, proof: { proven } };
      const original = await originalOf(tx, row);
      const attachments = original ? await readAttachments(original) : [];
      const stranger = { subject: 'mail/unknown', kind: 'machine' } as const;
      const bringing = { ticketId: null, sender: sender ?? null, stranger, reason: row.reason };
      return bringMail(tx, tenant, { ...mail, attachments }, bringing, this.levels);
    });
    this.hint.give();
    return view;
  }

  /** Puts a mail that waits away for good. Throws `IncomingMailNotFound` or `IncomingMailDecided`. */
  reject(writer: Writer, id: string): Promise<IncomingMailView> {
    return this.decide(writer, id, 'incoming_mail.rejected', (_tx, { reason }) =>
      Promise.resolve({ outcome: 'rejected', reason }),
    );
  }

  private decide(
    { actor, tenant }: Writer,
    id: string,
    action: string,
    work: (tx: Transaction, row: IncomingMailRow) => Promise<MailEnding>,
  ): Promise<IncomingMailView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await lockIncomingMail(tx, tenant, id);
      if (!row) throw notFound(id);
      if (row.decided_by !== null || !['quarantined', 'ignored'].includes(row.outcome))
        throw new IncomingMailDecided(`What became of it is settled: ${row.outcome}.`);
      const ending = await work(tx, row);
      const after = await settleIncomingMail(tx, tenant, id, { ...ending, by: actor.subject });
      const object = { kind: 'incoming_mail', id };
      const [was, is] = [{ outcome: row.outcome }, { outcome: after.outcome, ticket: after.ticket_id }];
      await appendAudit(tx, tenant, { action, actor: actor.subject, object, before: was, after: is });
      return incomingMailView(after);
    });
  }
}

/** Whose a mail is. Throws `IncomingMailNotFound`. */
export const tenantOfIncomingMail: FindTenant = async (tx, tenants, id) => (await found(tx, tenants, id)).tenant_id;

async function found(tx: Transaction, tenants: readonly string[], id: string): Promise<IncomingMailRow> {
  const row = await findIncomingMail(tx, tenants, id);
  if (!row) throw notFound(id);
  return row;
}

function notFound(id: string): IncomingMailNotFound {
  return new IncomingMailNotFound(`There is no mail ${id}, or you may not see it.`);
}
