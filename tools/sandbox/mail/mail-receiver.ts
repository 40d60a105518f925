import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { systemClock } from '#libs/kernel';
import type { TlsIdentity } from '../directory/certificate.js';
import { RecordLog } from '../record-log.js';

/** A received mail; `from` and `to` are the envelope's addresses, the header's are in `headers`. */
export interface ReceivedMail {
  id: string;
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
  /** By lower-case name; repeated headers are joined by a comma. */
  headers: Record<string, string>;
  /** ISO 8601, UTC. */
  receivedAt: string;
  /** Whether it came over TLS. */
  encrypted: boolean;
}

export interface MailReceiverOptions {
  /** Port on 127.0.0.1; 0 takes a free one, which is kept over `offline` and `online`. */
  port: number;
  dir: string;
  tls: TlsIdentity;
  user: string;
  password: string;
}

const SLOW_MS = 1_000;
const maxMailOctets = 20 * 1024 * 1024;

/**
 * The customer's mail server: takes every mail and keeps it. `bounce@…` is refused for good (550), `greylist@…` for
 * the first time (451), and one to `slow…@…` is taken after a while: it is in flight meanwhile.
 */
export class MailReceiver {
  readonly mails = new RecordLog<ReceivedMail>();
  private readonly greylisted = new Set<string>();
  private readonly sockets = new Set<Socket>();
  private server: SMTPServer | undefined;
  private chosenPort: number;

  private constructor(private readonly options: MailReceiverOptions) {
    this.chosenPort = options.port;
  }

  /** Opens a mail server with the mails that its folder holds. @throws Error when the port is taken. */
  static async open(options: MailReceiverOptions): Promise<MailReceiver> {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    const receiver = new MailReceiver(options);
    for (const mail of readStored(options.dir)) receiver.mails.add(mail);
    await receiver.online();
    return receiver;
  }

  get port(): number {
    return this.chosenPort;
  }

  get isOnline(): boolean {
    return this.server !== undefined;
  }

  /** Accepts connections (again). */
  async online(): Promise<void> {
    if (this.server) return;
    const server = new SMTPServer(this.serverOptions());
    const listener = await new Promise<ReturnType<SMTPServer['listen']>>((resolve, reject) => {
      server.once('error', reject);
      const net = server.listen(this.chosenPort, '127.0.0.1', () => resolve(net));
    });
    // A client that breaks off is no concern of the mail server.
    server.on('error', () => undefined);
    listener.on('connection', (socket: Socket) => this.track(socket));
    const address = listener.address();
    if (address !== null && typeof address === 'object') this.chosenPort = address.port;
    this.server = server;
  }

  /** Cuts all connections and refuses new ones. */
  async offline(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Forgets all mails, on disk too, and who has been greylisted. */
  clear(): void {
    for (const { id } of this.mails.list()) {
      for (const kind of ['eml', 'json']) rmSync(join(this.options.dir, `${id}.${kind}`), { force: true });
    }
    this.mails.clear();
    this.greylisted.clear();
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private serverOptions(): SMTPServerOptions {
    const { tls, user, password } = this.options;
    return {
      key: tls.key,
      cert: tls.cert,
      name: 'mail.sandbox.example',
      authOptional: true,
      disableReverseLookup: true,
      size: maxMailOctets,
      onAuth: (auth, _session, done) =>
        auth.username === user && auth.password === password
          ? done(null, { user })
          : done(refusal(535, 'Authentication credentials invalid')),
      onRcptTo: ({ address }, _session, done) => done(this.refusalFor(address)),
      onData: (stream, session, done) => {
        const envelope = {
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map((one) => one.address),
          encrypted: session.secure,
        };
        this.store(stream, envelope).then(
          (id) => done(null, `Queued as ${id}`),
          (error: Error) => done(error),
        );
      },
    };
  }

  private refusalFor(address: string): Error | null {
    const recipient = address.toLowerCase();
    if (recipient.startsWith('bounce@')) return refusal(550, '5.1.1 Mailbox does not exist');
    if (!recipient.startsWith('greylist@') || this.greylisted.has(recipient)) return null;
    this.greylisted.add(recipient);
    return refusal(451, '4.7.1 Greylisted, try again later');
  }

  private async store(
    stream: AsyncIterable<Buffer>,
    envelope: Pick<ReceivedMail, 'from' | 'to' | 'encrypted'>,
  ): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    // all of it is here; only the answer takes its time
    const receivedAt = systemClock.now().toISOString();
    if (envelope.to.some((address) => address.toLowerCase().startsWith('slow'))) await pause(SLOW_MS);
    const raw = Buffer.concat(chunks);
    const parsed = await PostalMime.parse(raw);
    const headers: Record<string, string> = {};
    for (const { key, value } of parsed.headers) headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
    const mail: ReceivedMail = {
      id: randomUUID(),
      ...envelope,
      subject: parsed.subject ?? '',
      messageId: parsed.messageId ?? '',
      text: parsed.text ?? '',
      html: parsed.html ?? '',
      headers,
      receivedAt,
    };
    writeFileSync(join(this.options.dir, `${mail.id}.eml`), raw, { mode: 0o600 });
    writeFileSync(join(this.options.dir, `${mail.id}.json`), JSON.stringify(mail, undefined, 2), { mode: 0o600 });
    this.mails.add(mail);
    return mail.id;
  }
}

function readStored(dir: string): ReceivedMail[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as ReceivedMail)
    .sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
}

const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });
