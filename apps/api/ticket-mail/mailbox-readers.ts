import { AppError, newId } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import {
  leaseMailbox,
  mailboxesToRead,
  noteMailboxRead,
  releaseMailbox,
  type MailboxPlace,
  type MailboxRow,
} from '#libs/tickets';
import { MailboxReader, type ReaderParts } from './mailbox-reader.js';

const LOOK_EVERY_MS = 10_000;

/** A mailbox that this instance reads. */
interface Reading {
  readonly changedAt: Date;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Reads every mailbox that nobody else reads: a lease in the database tells who does, and it ends when whoever has it dies. A
 * mailbox that was changed is read anew; one that cannot be read says why, and is tried again at the next look.
 */
export class MailboxReaders {
  private readonly me = newId();
  private readonly readings = new Map<string, Reading>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly parts: Omit<ReaderParts, 'onRead'>,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {}

  start(): void {
    if (this.isStopped) return;
    this.looking = this.look().catch((error: unknown) =>
      this.parts.logger.warn({ err: error }, 'mailboxes cannot be looked for'),
    );
    void this.looking.then(() => {
      if (!this.isStopped) this.timer = setTimeout(() => this.start(), this.lookEveryMs);
    });
  }

  /** Lets mails that are being taken end, and gives the leases back. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.looking;
    for (const { abort } of this.readings.values()) abort.abort();
    await Promise.all([...this.readings.values()].map(({ ended }) => ended));
  }

  private async look(): Promise<void> {
    const places = await mailboxesToRead(this.database);
    const wanted = new Set(places.map(keyOf));
    for (const [key, { abort }] of this.readings) if (!wanted.has(key)) abort.abort();
    for (const place of places) await this.lease(place);
  }

  private async lease(place: MailboxPlace): Promise<void> {
    const mailbox = await inTenants(this.database, [place.tenant], (tx) => leaseMailbox(tx, place, this.me));
    const reading = this.readings.get(keyOf(place));
    if (!mailbox || (reading && reading.changedAt.getTime() !== mailbox.changed_at.getTime())) {
      // somebody else reads it, or it is another one now: the next look takes it up
      reading?.abort.abort();
      return;
    }
    if (!reading && !this.isStopped) this.read(place, mailbox);
  }

  private read(place: MailboxPlace, mailbox: MailboxRow): void {
    const abort = new AbortController();
    const onRead = (): Promise<void> => this.note(place, null);
    const work = new MailboxReader({ ...this.parts, onRead }, mailbox).run(abort.signal);
    const ended = work
      .catch((error: unknown) => (abort.signal.aborted ? undefined : this.failed(place, error)))
      .then(() => inTenants(this.database, [place.tenant], (tx) => releaseMailbox(tx, place, this.me)))
      .catch((error: unknown) => this.parts.logger.warn({ err: error }, 'a mailbox could not be given back'))
      .finally(() => this.readings.delete(keyOf(place)));
    this.readings.set(keyOf(place), { changedAt: mailbox.changed_at, abort, ended });
  }

  private async failed(place: MailboxPlace, error: unknown): Promise<void> {
    const { logger } = this.parts;
    logger.warn({ err: error, tenant: place.tenant, mailbox: place.id }, 'a mailbox cannot be read');
    await this.note(place, reasonOf(error));
  }

  private async note(place: MailboxPlace, failure: string | null): Promise<void> {
    await inTenants(this.database, [place.tenant], (tx) => noteMailboxRead(tx, place, failure));
  }
}

function keyOf({ tenant, id }: MailboxPlace): string {
  return `${tenant}/${id}`;
}

/** A code, for whoever set the mailbox up: what a server says may hold names. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  if ((error as { readonly authenticationFailed?: boolean }).authenticationFailed === true)
    return 'mailbox.login_refused';
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? `mailbox.unreachable (${code.slice(0, 40)})` : 'mailbox.unreachable';
}
