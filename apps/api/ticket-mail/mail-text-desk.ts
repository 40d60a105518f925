import { sql } from 'kysely';
import type { Json } from '#libs/kernel';
import { mailHtml, mailText, mspTenant, ticketMail } from '#libs/notify';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import {
  checkMailText,
  fillMailText,
  findTicket,
  MAIL_KINDS,
  MAIL_LANGUAGES,
  mailTextFor,
  placeholdersOf,
  putMailText,
  REPLY_LINES,
  SAMPLE_VALUES,
  TicketNotFound,
  USUAL_UNKNOWN_SENDERS,
  type MailAddresses,
  type MailKind,
  type MailText,
  type MailValues,
  type TicketMailLanguage,
} from '#libs/tickets';
import type { Writer } from '../access/caller.js';
import type { MailTextDto, PreviewMailDto, TicketMailSettingsDto } from './ticket-mail.dto.js';
import type { MailPreviewView, MailTextsView, MailTextView, TicketMailSettingsView } from './ticket-mail.view.js';

/** A text by its kind and language. */
export interface WhichText {
  readonly kind: MailKind;
  readonly language: TicketMailLanguage;
}

/** What mails about tickets say, and how a customer’s are taken. */
export class MailTextDesk {
  constructor(
    private readonly database: Database,
    private readonly addresses: MailAddresses,
  ) {}

  async settings(tenant: string): Promise<TicketMailSettingsView> {
    const row = await inTenants(this.database, [tenant], (tx) =>
      tx.selectFrom('ticket_mail_settings').selectAll().where('tenant_id', '=', tenant).executeTakeFirst(),
    );
    const { unknown_senders: unknownSenders = USUAL_UNKNOWN_SENDERS, muted = [] } = row ?? {};
    return { unknownSenders, muted: muted as MailKind[], address: await this.addresses.ofCustomer(tenant) };
  }

  async putSettings({ actor, tenant }: Writer, settings: TicketMailSettingsDto): Promise<TicketMailSettingsView> {
    const { unknownSenders, muted } = settings;
    await inTenants(this.database, [tenant], async (tx) => {
      const values = { unknown_senders: unknownSenders, muted, set_by: actor.subject, set_at: sql<Date>`now()` };
      await tx
        .insertInto('ticket_mail_settings')
        .values({ tenant_id: tenant, ...values })
        .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
        .execute();
      const object = { kind: 'ticket_mail_settings', id: tenant };
      const entry = { action: 'ticket_mail_settings.changed', actor: actor.subject, object };
      await appendAudit(tx, tenant, { ...entry, after: { unknownSenders, muted } });
    });
    return this.settings(tenant);
  }

  /** The texts that hold for a customer, each with whose it is. */
  async texts(tenant: string): Promise<MailTextsView> {
    const items: MailTextView[] = [];
    for (const kind of MAIL_KINDS)
      for (const language of MAIL_LANGUAGES) items.push(await this.text(tenant, { kind, language }));
    return { items };
  }

  /** Throws `TicketMailTextInvalid`. */
  async put({ actor, tenant }: Writer, which: WhichText, { subject, body }: MailTextDto): Promise<MailTextView> {
    checkMailText(which.kind, { subject, body });
    return this.keep(actor, tenant, which, { subject, body });
  }

  /** Brings back the text that holds where nobody wrote another. */
  restore({ actor, tenant }: Writer, which: WhichText): Promise<MailTextView> {
    return this.keep(actor, tenant, which, null);
  }

  /** A mail as it would go out, of a sample. Throws `TicketMailTextInvalid`. */
  preview(tenant: string, wish: PreviewMailDto): Promise<MailPreviewView> {
    return this.drawn(tenant, wish, {});
  }

  /** A mail as it would go out about a ticket. Throws `TicketNotFound` or `TicketMailTextInvalid`. */
  async previewOf({ actor, tenant }: Writer, id: string, wish: PreviewMailDto): Promise<MailPreviewView> {
    const ticket = await inTenants(this.database, actor.sees, (tx) =>
      findTicket(tx, { tenants: [tenant], onlyOf: null, internal: false }, id),
    );
    if (!ticket) throw new TicketNotFound(`There is no ticket ${id}, or you may not see it.`);
    return this.drawn(tenant, wish, { number: String(ticket.number), subject: ticket.subject });
  }

  private async drawn(tenant: string, wish: PreviewMailDto, own: MailValues): Promise<MailPreviewView> {
    const { kind, language } = wish;
    const held = await this.text(tenant, { kind, language });
    const text = { subject: wish.subject ?? held.subject, body: wish.body ?? held.body };
    checkMailText(kind, text);
    const filled = fillMailText(text, { ...SAMPLE_VALUES[language], ...own });
    const content = ticketMail(language, { ...filled, replyLine: REPLY_LINES[language] });
    return { subject: content.subject, text: mailText(content), html: mailHtml(content) };
  }

  private async text(tenant: string, { kind, language }: WhichText): Promise<MailTextView> {
    const text = await this.database.transaction().execute(async (tx) => {
      const msp = await mspTenant(tx);
      const tenants = [...new Set([tenant, msp])];
      await sql`SELECT set_config('stellwerk.tenants', ${tenants.join(',')}, true)`.execute(tx);
      return mailTextFor(tx, tenants, kind, language);
    });
    return { kind, language, ...text, placeholders: placeholdersOf(kind) };
  }

  private async keep(actor: Actor, tenant: string, which: WhichText, text: MailText | null): Promise<MailTextView> {
    await inTenants(this.database, [tenant], async (tx) => {
      const version = await putMailText(tx, tenant, which, text, actor.subject);
      const object = { kind: 'ticket_mail_text', id: `${which.kind}.${which.language}` };
      const after = { version, ...text } as unknown as Json;
      await appendAudit(tx, tenant, { action: 'ticket_mail_text.changed', actor: actor.subject, object, after });
    });
    return this.text(tenant, which);
  }
}
