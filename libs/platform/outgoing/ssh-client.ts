import { Client, type Algorithms, type ServerHostKeyAlgorithm } from 'ssh2';
import { HostKeyChanged, HostKeyNotTrusted, OutgoingTimeout } from './outgoing-errors.js';
import { canonicalHost } from './host.js';
import type { OutgoingGuard } from './outgoing-guard.js';
import { readHostKey, type HostKey, type TrustedHostKeys } from './ssh-host-keys.js';

export type SshClient = Client;

/** How we prove who we are. Agent, agent forwarding and interactive log-in are not offered. */
export type SshLogin = { readonly user: string } & (
  { readonly privateKey: string; readonly passphrase?: string } | { readonly password: string }
);

export interface SshOptions {
  readonly signal?: AbortSignal;
  /** For the TCP connection. */
  readonly connectMs?: number;
  /** For key exchange and log-in. */
  readonly readyMs?: number;
}

/**
 * Logs in to an SSH server over a guarded connection. Its key must be one that a person trusted for this host and port;
 * nothing of the login is sent before. Close the client with `end()`. Throws `HostKeyNotTrusted`, `HostKeyChanged`, what
 * `OutgoingGuard.open` throws, `OutgoingTimeout`, the signal's reason, or ssh2's error (`level` says at which stage).
 */
export async function openSsh(
  guard: OutgoingGuard,
  keys: TrustedHostKeys,
  { host, port }: { readonly host: string; readonly port: number },
  login: SshLogin,
  { signal, connectMs = 5_000, readyMs = 15_000 }: SshOptions = {},
): Promise<SshClient> {
  const place = { host: canonicalHost(host), port };
  const trusted = await keys.trusted(place);
  const sock = await guard.open({ ...place, protocol: 'ssh' }, { connectMs, signal });
  const { user: username, ...proof } = login;
  let refused: HostKey | null = null;
  const hostVerifier = (blob: Buffer): boolean => {
    const shown = readHostKey(blob);
    if (trusted.some(({ fingerprint }) => fingerprint === shown.fingerprint)) return true;
    refused = shown;
    return false;
  };
  const client = new Client();
  try {
    const algorithms = preferring(trusted);
    await ready(client, signal, () =>
      client.connect({ sock, username, ...proof, hostVerifier, readyTimeout: readyMs, ...algorithms }),
    );
    return client;
  } catch (error) {
    client.on('error', () => undefined).destroy();
    sock.destroy();
    signal?.throwIfAborted();
    if (refused === null) throw isLate(error) ? late(place, readyMs) : error;
    await keys.saw(place, refused);
    throw notTrusted(place, refused, trusted.length > 0);
  }
}

/** The server is asked for the kind of key that is trusted first, as OpenSSH does; another kind would be another key. */
function preferring(trusted: readonly { readonly algorithm: string | null }[]): { algorithms?: Algorithms } {
  const known = trusted.flatMap(({ algorithm }) =>
    algorithm === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : algorithm === null ? [] : [algorithm],
  ) as ServerHostKeyAlgorithm[];
  return known.length === 0
    ? {}
    : { algorithms: { serverHostKey: { prepend: [...new Set(known)], append: [], remove: [] } } };
}

function ready(client: Client, signal: AbortSignal | undefined, connect: () => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal!.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    client
      .once('ready', () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      })
      .once('error', reject)
      .once('close', () => reject(Object.assign(new Error('The connection was closed'), { code: 'ECONNRESET' })));
    if (signal?.aborted) return abort();
    connect();
  });
}

function notTrusted({ host, port }: { host: string; port: number }, key: HostKey, hasOther: boolean): Error {
  const context = { host, port, ...key };
  const shown = `${host}:${port} shows the key ${key.fingerprint} (${key.algorithm})`;
  if (!hasOther)
    return new HostKeyNotTrusted(`${shown}, which nobody trusted yet. Compare it at the server, then trust it.`, {
      context,
    });
  return new HostKeyChanged(`${shown} instead of the trusted one. Find out why before anybody trusts it.`, { context });
}

function isLate(error: unknown): boolean {
  return (error as { readonly level?: unknown }).level === 'client-timeout';
}

function late({ host, port }: { host: string; port: number }, milliseconds: number): OutgoingTimeout {
  return new OutgoingTimeout(`${host}:${port} took no log-in within ${milliseconds / 1000} s. It is tried again.`);
}
