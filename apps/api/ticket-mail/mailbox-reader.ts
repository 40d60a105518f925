import { AppError } from '#libs/kernel';
import type { Logger } from '#libs/platform/observability';
import { openImap, type ImapClient, type MailDns, type OutgoingGuards } from '#libs/platform/outgoing';
import type { MailboxRow, TakeMail } from '#libs/tickets';
import { MailLoops, MailUnreadable } from './mail-in.errors.js';
import type { MailboxSecrets } from './mailbox-secrets.js';
import { readMail, type RawMail } from './read-mail.js';

/** A mail larger than this is not read: it waits for a person. */
const LARGEST_MAIL = 50 * 1024 * 1024;
const MOST_AT_ONCE = 50;
/** Where a server does not tell by itself, it is asked so often. */
const LOOK_AGAIN_MS = 60_000;

export interface ReaderParts {
  readonly take: Pick<TakeMail, 'execute'>;
  readonly guards: OutgoingGuards;
  readonly secrets: Pick<MailboxSecrets, 'resolve'>;
  readonly dns: MailDns;
  readonly logger: Logger;
  /** Called when something was committed. */
  onTaken(): void;
  /** Called when a look at the whole mailbox has ended. */
  onRead(mailbox: MailboxRow): Promise<void>;
}

/** Reads one mailbox. A mail is marked, or moved, only when what became of it is committed: else it is read again. */
export class MailboxReader {
  /** Mails that cannot be taken now; they stay as they are, and others go on. */
  private readonly left = new Set<number>();

  constructor(
    private readonly parts: ReaderParts,
    private readonly mailbox: MailboxRow,
  ) {}

  /** Reads until `signal` ends it, or the connection. Throws what it cannot go on with. */
  async run(signal: AbortSignal): Promise<void> {
    const { tenant_id: tenant, host, port, encryption, ca_pem: ca, user_name: user, secret_ref: ref } = this.mailbox;
    const pass = await this.parts.secrets.resolve(tenant, ref);
    const client = await openImap(this.parts.guards.of(tenant), { host, port, encryption, ca, auth: { user, pass } });
    const close = (): void => client.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (signal.aborted) return;
      await this.openFolders(client);
      while (!signal.aborted && client.usable) {
        const news = arrival(client);
        const taken = await this.readAll(client, signal);
        if (taken >= MOST_AT_ONCE) continue;
        await this.parts.onRead(this.mailbox);
        await news;
      }
    } finally {
      signal.removeEventListener('abort', close);
      client.close();
    }
  }

  private async openFolders(client: ImapClient): Promise<void> {
    const { folder, done_folder: done } = this.mailbox;
    if (done !== null) await client.mailboxCreate(done);
    await client.mailboxOpen(folder);
  }

  /** Gives how many mails it took. */
  private async readAll(client: ImapClient, signal: AbortSignal): Promise<number> {
    const unseen = (await client.search({ seen: false }, { uid: true })) || [];
    const due = unseen.filter((uid) => !this.left.has(uid)).slice(0, MOST_AT_ONCE);
    let taken = 0;
    for (const uid of due) {
      if (signal.aborted) break;
      if (await this.readOne(client, uid)) taken += 1;
    }
    return taken;
  }

  private async readOne(client: ImapClient, uid: number): Promise<boolean> {
    const { tenant_id: tenant, id, authserv_id: authservId } = this.mailbox;
    const found = await client.fetchOne(
      String(uid),
      { source: { maxLength: LARGEST_MAIL }, size: true },
      { uid: true },
    );
    if (!found || !found.source) return false;
    if ((found.size ?? 0) > LARGEST_MAIL) return this.leave(client, uid, new MailUnreadable('It is too large.'));
    const session = { ip: null, helo: null, sender: null, authservId };
    const raw: RawMail = { original: found.source, session, recipients: null };
    try {
      const mail = await readMail(raw, this.parts.dns);
      await this.parts.take.execute(mail, { source: 'imap', mailbox: { tenant, id } });
    } catch (error) {
      if (error instanceof MailUnreadable || error instanceof MailLoops) return this.leave(client, uid, error);
      throw error;
    }
    this.parts.onTaken();
    await this.done(client, uid);
    return true;
  }

  private async done(client: ImapClient, uid: number): Promise<void> {
    const { done_folder: done } = this.mailbox;
    await client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
    if (done !== null) await client.messageMove(String(uid), done, { uid: true });
  }

  /** For a person: it stays where it is, flagged, and is not read again. */
  private async leave(client: ImapClient, uid: number, error: AppError): Promise<boolean> {
    const { tenant_id: tenant, id } = this.mailbox;
    this.parts.logger.warn({ err: error, tenant, mailbox: id, uid }, 'a mail in a mailbox is left to a person');
    await client.messageFlagsAdd(String(uid), ['\\Seen', '\\Flagged'], { uid: true });
    this.left.add(uid);
    return true;
  }
}

/** Ends when a mail came, when the connection ended, or when it is time to look again. */
function arrival(client: ImapClient): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      client.off('exists', end).off('close', end);
      resolve();
    };
    const timer = setTimeout(end, LOOK_AGAIN_MS);
    client.on('exists', end).on('close', end);
  });
}
