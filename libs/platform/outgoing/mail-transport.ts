import nodemailer from 'nodemailer';
import { OutgoingGuard, startTls, tlsOptions } from './outgoing-guard.js';
import { holdToLimits, type SocketLimits } from './socket-limits.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** A mail of ours is a few KiB, and so is what a server says to it. */
const LIMITS: SocketLimits = { bytes: 4 * 1024 * 1024, wholeMs: 90_000 };

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `starttls` upgrades a plain connection or gives up, `tls` encrypts from the start, `none` not at all. */
  readonly encryption: 'starttls' | 'tls' | 'none';
  readonly ca: string | null;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** Of a whole conversation: 90 s unless it is said. */
  readonly limits?: SocketLimits;
}

/**
 * A transport that sends mails over guarded connections, each verified before a login is sent. Close it after use. `onSignIn` is
 * called when the server has taken the login; one that asks for none is never signed in at.
 */
export function mailTransport(
  guard: OutgoingGuard,
  { host, port, encryption, ca, auth, limits = LIMITS }: MailServer,
  onSignIn?: () => void,
) {
  const connect = async () => {
    const socket = await guard.open({ host, port, protocol: 'smtp' }, { connectMs: CONNECT_MS });
    holdToLimits(socket, host, limits);
    if (encryption !== 'tls') return { connection: socket };
    return { connection: await startTls(socket, host, { ca, connectMs: CONNECT_MS }), secured: true };
  };
  return nodemailer.createTransport({
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    // texts come from requests: they must not make us read files or fetch addresses
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: tlsOptions(host, ca),
    getSocket: (_options, done) => {
      connect().then(
        (opened) => done(null, opened),
        (error: unknown) => done(error as Error, false),
      );
    },
    ...(auth === null ? {} : { auth }),
    ...(onSignIn === undefined ? {} : { logger: listener(onSignIn) }),
  });
}

/** Hears of the one thing that the client tells its log only; everything else is dropped, what it says of logins too. */
function listener(onSignIn: () => void) {
  const drop = (): void => undefined;
  const info = (entry: unknown): void => {
    if (typeof entry === 'object' && entry !== null && 'action' in entry && entry.action === 'authenticated')
      onSignIn();
  };
  return { level: drop, trace: drop, debug: drop, info, warn: drop, error: drop, fatal: drop };
}
