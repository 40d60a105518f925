import { deliver, type Mail } from '#libs/connectors';
import { AppError } from '#libs/kernel';
import { instantIn, mailHtml, mailText, mspTenant, oneLine, ticketMail } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { SystemNotConfigured, type Pulse, type StepSystems } from '#libs/process';
import {
  endTicketMail,
  fillMailText,
  findTicketMail,
  isAutomatic,
  keepMessageId,
  MAIL_HEADER,
  mailTextFor,
  messageIdsBefore,
  recordTry,
  REPLY_LINES,
  TicketMailGivenUp,
  type MailAddresses,
  type MailEnd,
  type MailText,
  type MailValues,
  type TicketMailRow,
} from '#libs/tickets';
import type { TicketMailRecords, TicketMailRef } from '../../../workflows/support/activities.js';

/** Puts the end of mails about tickets on record. */
export class TicketMailRecordsOnDatabase implements TicketMailRecords {
  constructor(private readonly database: Database) {}

  async giveUpTicketMail({ tenant, id }: TicketMailRef): Promise<void> {
    const problem = new TicketMailGivenUp('Look at the mail system, and reach them in another way.').toProblem();
    await inTenants(this.database, [tenant], (tx) =>
      endTicketMail(tx, { tenant_id: tenant, id }, { status: 'given_up', sentBy: null, problem }),
    );
  }
}

/** A mail as it is read before it goes out. */
interface Letter {
  readonly mail: TicketMailRow;
  readonly msp: string;
  readonly fromName: string;
  readonly text: MailText;
  readonly references: readonly string[];
}

/** Sends mails about tickets: by the MSP's mail system or, where it has none, the customer's. */
export class TicketMailActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly addresses: MailAddresses,
  ) {}

  /**
   * Sends a mail once, as far as that can be known: a crash between the server's acceptance and our record sends it again with
   * the same Message-ID. Throws what may pass.
   */
  async sendTicketMail(ref: TicketMailRef, pulse: Pulse): Promise<void> {
    const msp = await this.database.transaction().execute(mspTenant);
    const letter = await inTenants(this.database, [ref.tenant, msp], (tx) => readLetter(tx, ref, msp));
    if (!letter) return;
    const { mail } = letter;
    const place = { tenant: mail.tenant_id, ticketId: mail.ticket_id };
    const chosen = await this.addresses.messageId(place, mail.id);
    const messageId = await inTenants(this.database, [ref.tenant], (tx) => keepMessageId(tx, mail, chosen));
    const replyTo = await this.addresses.ofTicket(place);
    await this.hand(letter, mailOf(letter, messageId, replyTo), pulse);
  }

  private async hand(letter: Letter, mail: Mail, pulse: Pulse): Promise<void> {
    try {
      for (const sender of new Set([letter.msp, letter.mail.tenant_id]))
        if (await this.sendBy(sender, letter.mail, mail, pulse))
          return await this.end(letter.mail, { status: 'sent', sentBy: sender, problem: null });
      await this.end(letter.mail, { status: 'no_mail_system', sentBy: null, problem: null });
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'internal';
      if (error instanceof AppError && !error.retryable)
        return this.end(letter.mail, { status: 'refused', sentBy: null, problem: error.toProblem() });
      await inTenants(this.database, [letter.mail.tenant_id], (tx) =>
        recordTry(tx, letter.mail, { outcome: 'failed', code }),
      );
      throw error;
    }
  }

  /** False when the tenant has no mail system. */
  private async sendBy(sender: string, row: TicketMailRow, mail: Mail, pulse: Pulse): Promise<boolean> {
    const place = { tenant: sender, runId: row.id, stepId: 'ticket-mail', system: 'mail', expectedIdentity: null };
    const context = await this.systems.context(place, pulse).catch(notConfigured);
    if (!context) return false;
    await deliver(context, mail, [row.recipient]);
    return true;
  }

  private end(mail: TicketMailRow, end: MailEnd & { status: 'sent' | 'refused' | 'no_mail_system' }): Promise<void> {
    return inTenants(this.database, [mail.tenant_id], async (tx) => {
      await recordTry(tx, mail, { outcome: end.status, code: end.problem?.code ?? null });
      await endTicketMail(tx, mail, end);
    });
  }
}

/** Null when there is nothing to send any more. */
async function readLetter(tx: Transaction, { tenant, id }: TicketMailRef, msp: string): Promise<Letter | null> {
  const mail = await findTicketMail(tx, tenant, id);
  if (mail?.status !== 'requested') return null;
  const { language, kind } = mail;
  const tenants = await tx.selectFrom('tenants').selectAll().where('id', 'in', [tenant, msp]).execute();
  const nameOf = (wanted: string): string => tenants.find((one) => one.id === wanted)?.name ?? wanted;
  const zone = tenants.find((one) => one.id === tenant)!.time_zone;
  const values = await valuesOf(tx, mail, nameOf(tenant), zone);
  const text = fillMailText(await mailTextFor(tx, [tenant, msp], kind, language), values);
  return {
    ...{ mail, msp, fromName: oneLine(nameOf(msp)), references: await messageIdsBefore(tx, mail) },
    text,
  };
}

async function valuesOf(tx: Transaction, mail: TicketMailRow, customer: string, timeZone: string): Promise<MailValues> {
  const { number, subject } = await tx
    .selectFrom('tickets')
    .select(['number', 'subject'])
    .where('tenant_id', '=', mail.tenant_id)
    .where('id', '=', mail.ticket_id)
    .executeTakeFirstOrThrow();
  // what is internal leaves by no mail, whatever asked for it
  const entry = await tx
    .selectFrom('ticket_entries')
    .select('body')
    .where('tenant_id', '=', mail.tenant_id)
    .where('ticket_id', '=', mail.ticket_id)
    .where('sequence', '=', mail.entry_sequence ?? 0)
    .where('public', '=', true)
    .executeTakeFirst();
  const words = entry?.body ?? '';
  const closesAt = mail.closes_at === null ? '' : instantIn(mail.language, mail.closes_at, timeZone);
  const common = { number: String(number), subject, name: mail.recipient_name ?? '', customer };
  return { ...common, text: words, reason: words, closesAt };
}

function mailOf({ mail, text, fromName, references }: Letter, messageId: string, replyTo: string | null): Mail {
  const { language, kind } = mail;
  const content = ticketMail(language, { ...text, replyLine: replyTo === null ? null : REPLY_LINES[language] });
  return {
    ...{ subject: content.subject, text: mailText(content), html: mailHtml(content), language, fromName, messageId },
    ...{ references, byPerson: !isAutomatic(kind), ...(replyTo === null ? {} : { replyTo }) },
    headers: { [MAIL_HEADER]: mail.id, 'X-Auto-Response-Suppress': isAutomatic(kind) ? 'All' : 'OOF, AutoReply' },
  };
}

function notConfigured(error: unknown): null {
  if (error instanceof SystemNotConfigured) return null;
  throw error;
}
