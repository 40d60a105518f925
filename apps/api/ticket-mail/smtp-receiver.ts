import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { MailReceiverConfig } from '#libs/platform/config';
import type { Logger } from '#libs/platform/observability';
import type { MailDns } from '#libs/platform/outgoing';
import type { IncomingMail, MailRouting, TakeMail } from '#libs/tickets';
import { MailLoops, MailUnreadable } from './mail-in.errors.js';
import { readMail } from './read-mail.js';

const MOST_CLIENTS = 20;
const MOST_RECIPIENTS = 20;
const SILENCE_MS = 60_000;
/** Longer than a transaction may take: who is in the middle of a mail gets its answer. */
const DRAIN_MS = 20_000;

export interface ReceiverParts {
  readonly routing: MailRouting;
  readonly take: Pick<TakeMail, 'execute'>;
  readonly dns: MailDns;
  readonly logger: Logger;
  /** Whose Authentication-Results are believed: a mail server of ours before us. */
  readonly authservId: string | null;
  /** Called when something was committed. */
  onTaken(): void;
}

/** An SMTP answer (RFC 5321, with the enhanced codes of RFC 3463). */
class Answer extends Error {
  constructor(
    readonly responseCode: number,
    text: string,
  ) {
    super(text);
  }
}

/**
 * Takes mails by SMTP. It says 250 only when a mail is committed; what is the sender's fault gets a 5xx, so that they hear of it,
 * and what is ours a 4xx, so that it comes again.
 */
export class SmtpReceiver {
  private constructor(
    private readonly server: SMTPServer,
    readonly port: number,
  ) {}

  /** Listens from now on. Throws when the port is taken or a PEM file cannot be read. */
  static async start(config: MailReceiverConfig, parts: ReceiverParts): Promise<SmtpReceiver> {
    const server = new SMTPServer({
      ...tlsOf(config),
      name: 'stellwerk',
      banner: 'ESMTP',
      size: config.limitBytes,
      disabledCommands: ['AUTH', ...(config.tls === null ? ['STARTTLS'] : [])],
      disableReverseLookup: true,
      logger: false,
      maxClients: MOST_CLIENTS,
      socketTimeout: SILENCE_MS,
      closeTimeout: DRAIN_MS,
      onRcptTo: ({ address }, session, done) => answer(recipient(parts, address, session), parts, done),
      onData: (stream, session, done) => answer(data(config, parts, stream, session), parts, done),
    });
    // a client that breaks off is no concern of ours
    server.on('error', () => undefined);
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      const listener = server.listen(config.port, config.host, () => {
        server.off('error', reject);
        resolve((listener.address() as AddressInfo).port);
      });
    });
    return new SmtpReceiver(server, port);
  }

  /** Takes no new connections, lets those end that are under way. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

function tlsOf({ tls }: MailReceiverConfig) {
  return tls === null ? {} : { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) };
}

function answer(
  work: Promise<string>,
  { logger }: ReceiverParts,
  done: (error: Error | null, text?: string) => void,
): void {
  work.then(
    (text) => done(null, text),
    (error: unknown) => {
      if (error instanceof Answer) return done(error);
      logger.warn({ err: error }, 'a mail could not be taken; its server tries again');
      done(new Answer(451, '4.3.0 Not now, try again later'));
    },
  );
}

async function recipient({ routing }: ReceiverParts, address: string, session: SMTPServerSession): Promise<string> {
  if (session.envelope.rcptTo.length >= MOST_RECIPIENTS) throw new Answer(452, '4.5.3 Too many recipients');
  if (!(await routing.placeOf(address))) throw new Answer(550, '5.1.1 There is no such mailbox');
  return '2.1.5 Ok';
}

async function data(
  { limitBytes }: MailReceiverConfig,
  parts: ReceiverParts,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<string> {
  const original = await collected(stream, limitBytes);
  if (original === null) throw new Answer(552, `5.3.4 A mail may have ${limitBytes} bytes`);
  const mail = await read(parts, original, session);
  // whoever answers itself is told so, or both would go on for ever
  if (mail.automatic === 'own_mail') throw new Answer(554, '5.4.6 This is a mail of our own');
  if (mail.proof.temporary) throw new Answer(451, '4.4.3 A name server of the sender does not answer, try again later');
  const taken = await parts.take.execute(mail, { source: 'smtp', mailbox: null });
  parts.onTaken();
  if (taken.every(({ mail: { outcome } }) => outcome === 'refused'))
    throw new Answer(550, '5.7.1 Mails from this address are not taken here');
  return '2.0.0 Taken';
}

async function read(
  { dns, authservId }: ReceiverParts,
  original: Buffer,
  session: SMTPServerSession,
): Promise<IncomingMail> {
  const { mailFrom, rcptTo } = session.envelope;
  const sender = mailFrom === false ? '' : mailFrom.address.toLowerCase();
  const helo = session.hostNameAppearsAs || null;
  const about = { ip: session.remoteAddress, helo, sender, authservId };
  try {
    return await readMail({ original, session: about, recipients: rcptTo.map(({ address }) => address) }, dns);
  } catch (error) {
    if (error instanceof MailLoops) throw new Answer(554, '5.4.6 Routing loop detected');
    if (error instanceof MailUnreadable) throw new Answer(554, '5.6.0 The mail cannot be read');
    throw error;
  }
}

/** Null: it is larger than it may be; the rest is read and dropped, so that the sender gets the answer. */
async function collected(stream: SMTPServerDataStream, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) chunks.length = 0;
    else chunks.push(chunk);
  }
  return stream.sizeExceeded || bytes > limit ? null : Buffer.concat(chunks);
}
