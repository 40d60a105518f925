import { AppError } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import { mailHtml, mailText, type MailContent } from '../model/index.js';
import { findMail, mspTenant, recordMail, type MailOutcome } from '../store/mail.store.js';

/** A mail of the platform to one person. */
export interface Notice {
  readonly tenant: string;
  /**
   * `<UUID of what it is about>.<what tells its mails apart, of [\w.-]>`; the same at every repeat: a mail that went out is
   * not sent again, and its Message-ID stays.
   */
  readonly id: string;
  /** What kind of mail it is, e.g. `approval.ask`. */
  readonly template: string;
  readonly to: string;
  readonly content: MailContent;
}

/** A mail as it goes to a mail system. */
export interface OutgoingMail {
  /** Whose system `mail` sends it. */
  readonly sender: string;
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
}

export interface MailReceipt {
  readonly messageId: string;
}

/**
 * Hands a mail to a tenant's mail server. Gives null when the tenant has no mail system. Throws an error that is
 * `retryable` while the server cannot take it, another one when it refuses it for good.
 */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<MailReceipt | null>;
}

/** Sends the platform's own mails: by the customer's mail system or, where it has none, the MSP's. For activities only. */
export class Notices {
  constructor(
    private readonly database: Database,
    private readonly transport: MailTransport,
  ) {}

  /**
   * Sends a mail once, as far as that can be known: a crash between the server's acceptance and our record sends it again
   * with the same Message-ID. Gives what became of it; a mail that was refused for good is on record with the reason.
   * Throws what may pass: the activity is tried again.
   */
  async send(notice: Notice): Promise<MailOutcome> {
    const { tenant, id, template, to: recipient, content } = notice;
    const known = await inTenants(this.database, [tenant], (tx) => findMail(tx, tenant, id));
    if (known?.status === 'sent') return 'sent';
    const result = await this.hand(notice);
    const row = { tenant, id, template, recipient, language: content.language, ...result };
    await inTenants(this.database, [tenant], (tx) => recordMail(tx, row));
    return result.status;
  }

  private async hand({ tenant, id, to, content }: Notice) {
    const { subject, language } = content;
    const mail = { id, to, subject, language, text: mailText(content), html: mailHtml(content) };
    try {
      const msp = await this.database.transaction().execute(mspTenant);
      for (const sender of new Set([tenant, msp])) {
        const receipt = await this.transport.send({ ...mail, sender });
        if (receipt) return { status: 'sent', sentBy: sender, messageId: receipt.messageId, problem: null } as const;
      }
      return { status: 'no_mail_system', sentBy: null, messageId: null, problem: null } as const;
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      return { status: 'refused', sentBy: null, messageId: null, problem: error.toProblem() } as const;
    }
  }
}
