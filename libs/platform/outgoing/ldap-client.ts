import type { Socket } from 'node:net';
import { Client } from 'ldapts';
import { OutgoingTimeout } from './outgoing-errors.js';
import { dial, dialTls, tlsOptions, type PinnedAddress } from './outgoing-guard.js';
import { holdToLimits, type SocketLimits } from './socket-limits.js';

export type LdapClient = Client;

export interface LdapClientOptions {
  /** `ldap://` or `ldaps://`; says whether the connection begins with TLS, and stands in messages. */
  readonly url: string;
  readonly ca: string | null;
  readonly signal: AbortSignal;
  readonly connectMs: number;
  readonly operationMs: number;
  /** Of the connection: 64 MiB and five minutes unless it is said. */
  readonly limits?: SocketLimits;
}

const LIMITS: SocketLimits = { bytes: 64 * 1024 * 1024, wholeMs: 300_000 };

/**
 * A client of a directory over one connection to a checked address; it never opens another. With `ldaps://` the
 * server's certificate is verified before anything is sent. Referrals are answers, never followed. Throws as `dialTls`.
 */
export async function openLdapClient(pinned: PinnedAddress, options: LdapClientOptions): Promise<LdapClient> {
  const { url, connectMs, operationMs, limits = LIMITS } = options;
  const isTls = url.startsWith('ldaps:');
  const socket = isTls ? await dialTls(pinned, options) : await dial(pinned, options);
  holdToLimits(socket, url, limits);
  const take = once(socket);
  return new Client({
    url,
    connectTimeout: connectMs,
    timeout: operationMs,
    ...(isTls ? { createSecureConnection: take as never } : { createConnection: take as never }),
  });
}

/** ldapts connects anew by itself, which would be without our checks, our bind and, after StartTLS, without encryption. */
function once(socket: Socket): () => Socket {
  let taken = false;
  return () => {
    if (taken) throw Object.assign(new Error('The connection to the directory was lost'), { code: 'ECONNRESET' });
    taken = true;
    return socket;
  };
}

/** Upgrades a connection by StartTLS, verified for `host`. Throws `OutgoingTimeout` or Node's error. */
export async function startLdapTls(
  client: LdapClient,
  host: string,
  { ca, limitMs }: { readonly ca: string | null; readonly limitMs: number },
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // ldapts waits for the handshake without limit
    timer = setTimeout(() => reject(new OutgoingTimeout(`${host} did not agree on TLS. It is tried again.`)), limitMs);
  });
  try {
    // ldapts writes the socket into these options: they must not be shared between connections
    await Promise.race([client.startTLS({ ...tlsOptions(host, ca) }), late]);
  } finally {
    clearTimeout(timer);
  }
}
