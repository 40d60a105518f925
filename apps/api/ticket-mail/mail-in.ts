import type { TicketMailConfig } from '#libs/platform/config';
import type { Database } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import type { OutboxHint } from '#libs/platform/outbox';
import { OutgoingGuards, type MailDns } from '#libs/platform/outgoing';
import { MailRouting, TakeMail, type MailKey } from '#libs/tickets';
import { serviceLevels } from '#libs/sla';
import { MailboxReaders } from './mailbox-readers.js';
import type { MailboxSecrets } from './mailbox-secrets.js';
import { SmtpReceiver } from './smtp-receiver.js';

export interface MailInParts {
  readonly database: Database;
  readonly hint: OutboxHint;
  readonly key: MailKey;
  readonly dns: MailDns;
  readonly secrets: Pick<MailboxSecrets, 'resolve'>;
  readonly logger: Logger;
  /** How often mailboxes are looked for that nobody reads; 10 s when left out. */
  readonly lookEveryMs?: number;
}

/** The one owner of every way that mails come in by: starts, drains and stops them. */
export class MailIn {
  private constructor(
    private readonly receiver: SmtpReceiver | null,
    private readonly readers: MailboxReaders,
  ) {}

  static async start({ address, receiver }: TicketMailConfig, parts: MailInParts): Promise<MailIn> {
    const { database, hint, key, dns, secrets, logger, lookEveryMs } = parts;
    const routing = new MailRouting(database, key, address);
    const take = new TakeMail(database, routing, serviceLevels);
    const common = { routing, take, dns, logger, onTaken: () => hint.give() };
    const smtp =
      receiver === null ? null : await SmtpReceiver.start(receiver, { ...common, authservId: receiver.authservId });
    if (smtp) logger.info({ port: smtp.port }, 'takes mails');
    const guards = new OutgoingGuards(database);
    const readers = new MailboxReaders(database, { ...common, guards, secrets }, lookEveryMs);
    readers.start();
    return new MailIn(smtp, readers);
  }

  /** Port of the SMTP receiver; null: there is none. */
  get port(): number | null {
    return this.receiver?.port ?? null;
  }

  async stop(): Promise<void> {
    await Promise.all([this.receiver?.stop(), this.readers.stop()]);
  }
}
