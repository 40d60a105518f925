import { ImapFlow } from 'imapflow';
import { ipVersion, canonicalHost } from './host.js';
import { tlsOptions, type OutgoingGuard } from './outgoing-guard.js';

const CONNECT_MS = 10_000;
/** A server says something more often than this, if only that it has nothing to say. */
const SILENCE_MS = 5 * 60_000;
const IDLE_AFTER_MS = 50;
const IDLE_ANEW_MS = 4 * 60_000;
const MIB = 1024 * 1024;

export interface ImapServer {
  readonly host: string;
  readonly port: number;
  /** `starttls` upgrades a plain connection or gives up, `tls` encrypts from the start, `none` not at all. */
  readonly encryption: 'starttls' | 'tls' | 'none';
  readonly ca: string | null;
  readonly auth: { readonly user: string; readonly pass: string };
}

export type ImapClient = ImapFlow;

/**
 * Signs in at a mail server over a guarded connection, verified before the login is sent. Whoever opens it closes it. Throws as
 * the guard does, and imapflow's errors (`authenticationFailed`).
 */
export async function openImap(guard: OutgoingGuard, server: ImapServer): Promise<ImapClient> {
  const { host, port, encryption, ca, auth } = server;
  const pinned = await guard.check({ host, port, protocol: 'imap' });
  const client = new ImapFlow({
    // the address that was checked; its name is what TLS is verified for
    host: pinned.address,
    port,
    secure: encryption === 'tls',
    doSTARTTLS: encryption === 'starttls',
    ...(ipVersion(canonicalHost(host)) === 0 ? { servername: canonicalHost(host) } : {}),
    tls: tlsOptions(host, ca),
    auth: { user: auth.user, pass: auth.pass },
    logger: false,
    disableCompression: true,
    autoIdleDelay: IDLE_AFTER_MS,
    maxIdleTime: IDLE_ANEW_MS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    maxLiteralSize: 64 * MIB,
    maxResponseSize: 80 * MIB,
  });
  // what breaks later shows at the next command, and by the event `close`
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}
