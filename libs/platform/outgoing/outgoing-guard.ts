import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { plainAddress } from './address-class.js';
import { canonicalHost, ipVersion } from './host.js';
import { OutgoingTimeout } from './outgoing-errors.js';
import { tellRefusal } from './outgoing-refusals.js';
import { requireAllowed, type Destination, type OutgoingPolicy } from './outgoing-policy.js';
import { machineResolver, type Resolver } from './resolver.js';

const LOOKUP_MS = 10_000;
const CONNECT_MS = 5_000;

/** An address that was checked. Connections go to it and to no other, whatever its name stands for by then. */
export interface PinnedAddress extends Destination {
  /** The IP address. */
  readonly address: string;
}

export interface DialOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the connection, and again for the TLS handshake. */
  readonly connectMs?: number;
}

export interface TlsDialOptions extends DialOptions {
  /** The PEM of the CA that the server's certificate is signed by; null: the machine's own CAs. */
  readonly ca?: string | null;
}

/**
 * The one guarded way out. What it lets through was looked up once, checked against the tenant's policy, and is
 * connected to by exactly the address that was checked. TLS is always verified for the destination's name.
 */
export class OutgoingGuard {
  private readonly policy: () => Promise<OutgoingPolicy>;

  /** `policy`: fixed, or asked for at each connection, so that a change holds at once. */
  constructor(
    policy: OutgoingPolicy | (() => Promise<OutgoingPolicy>),
    private readonly resolver: Resolver = machineResolver,
  ) {
    this.policy = typeof policy === 'function' ? policy : () => Promise.resolve(policy);
  }

  /**
   * Every address of a destination that may be connected to, in the resolver's order. Throws `HostInvalid`,
   * `AddressForbidden`, `DestinationNotAllowed`, `OutgoingTimeout`, or what the look-up ran into.
   */
  async resolve(destination: Destination): Promise<readonly PinnedAddress[]> {
    const canonical = { ...destination, host: canonicalHost(destination.host) };
    const policy = await this.policy();
    const addresses = ipVersion(canonical.host) ? [canonical.host] : await this.lookUp(canonical.host);
    const pinned: PinnedAddress[] = [];
    let refusal: Error | undefined;
    for (const address of new Set(addresses)) {
      try {
        requireAllowed(policy, canonical, address);
        pinned.push({ ...canonical, address: plainAddress(address) });
      } catch (error) {
        refusal ??= error as Error;
      }
    }
    if (pinned.length > 0) return pinned;
    if (refusal) tellRefusal(canonical, addresses, refusal);
    throw refusal ?? notFound(canonical.host);
  }

  /** The first address that may be connected to. Throws as `resolve`. */
  async check(destination: Destination): Promise<PinnedAddress> {
    return (await this.resolve(destination))[0]!;
  }

  /** An address that a destination had before, checked anew. Throws as `resolve`. */
  async pin(destination: Destination, address: string): Promise<PinnedAddress> {
    const canonical = { ...destination, host: canonicalHost(destination.host) };
    const known = canonicalHost(address);
    if (ipVersion(known) === 0) throw notFound(known);
    try {
      requireAllowed(await this.policy(), canonical, known);
    } catch (error) {
      tellRefusal(canonical, [known], error);
      throw error;
    }
    return { ...canonical, address: plainAddress(known) };
  }

  /** Resolves, and connects to the first address that takes a connection. Throws as `resolve` and `dial`. */
  async open(destination: Destination, options: DialOptions = {}): Promise<Socket> {
    const addresses = await this.resolve(destination);
    for (const [index, pinned] of addresses.entries()) {
      options.signal?.throwIfAborted();
      try {
        return await dial(pinned, options);
      } catch (error) {
        if (index === addresses.length - 1) throw error;
      }
    }
    throw notFound(destination.host);
  }

  private lookUp(host: string): Promise<readonly string[]> {
    // the resolver of the machine waits for its servers as long as it is told to, which may be long
    return withinLimit(this.resolver(host), LOOKUP_MS, `${host} cannot be looked up`);
  }
}

/**
 * Connects to a checked address. Throws `OutgoingTimeout`, the signal's reason, or an error with Node's code; its message
 * names the host as it was given, and only its cause, for the log, the address.
 */
export async function dial(
  { host, address, port }: PinnedAddress,
  { signal, connectMs = CONNECT_MS }: DialOptions = {},
): Promise<Socket> {
  const socket = connectTcp({ host: address, port, autoSelectFamily: false });
  try {
    await established(socket, 'connect', `${host}:${port}`, { signal, connectMs });
  } catch (error) {
    throw isOfNetwork(error) ? unreachable(host, port, error) : error;
  }
  return socket.setNoDelay(true);
}

function isOfNetwork(error: unknown): error is NodeJS.ErrnoException {
  return (error as { readonly address?: unknown } | null)?.address !== undefined;
}

function unreachable(host: string, port: number, cause: NodeJS.ErrnoException): Error {
  const { code, errno, syscall } = cause;
  return Object.assign(new Error(`connect ${code} ${host}:${port}`, { cause }), { code, errno, syscall, port });
}

/** Connects to a checked address with TLS, verified for the destination's name. Throws as `dial`. */
export async function dialTls(pinned: PinnedAddress, options: TlsDialOptions = {}): Promise<TLSSocket> {
  return startTls(await dial(pinned, options), pinned.host, options);
}

/** TLS over an open connection, verified for `host`. The connection is closed if that fails. */
export async function startTls(socket: Socket, host: string, options: TlsDialOptions = {}): Promise<TLSSocket> {
  const { signal, connectMs = CONNECT_MS } = options;
  const secured = connectTls({ socket, ...tlsOptions(host, options.ca ?? null) });
  try {
    await established(secured, 'secureConnect', host, { signal, connectMs });
    return secured;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What every TLS connection of ours is opened with: verified, for this name or address. */
export function tlsOptions(host: string, ca: string | null) {
  const known = canonicalHost(host);
  const name = ipVersion(known) ? {} : { servername: known };
  // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing
  return { host: known, ...name, ...(ca === null ? {} : { ca }), rejectUnauthorized: true } as const;
}

function established(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  where: string,
  { signal, connectMs }: { readonly signal: AbortSignal | undefined; readonly connectMs: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off('error', end).off('close', closed).off(event, done);
      if (error === undefined) return resolve();
      socket.on('error', () => undefined).destroy();
      reject(error as Error);
    };
    const done = (): void => end();
    const abort = (): void => end(signal!.reason);
    const closed = (): void => end(Object.assign(new Error(`${where} closed the connection`), { code: 'ECONNRESET' }));
    const late = new OutgoingTimeout(`${where} took no connection within ${connectMs / 1000} s. It is tried again.`);
    const timer = setTimeout(() => end(late), connectMs);
    socket.once(event, done).once('error', end).once('close', closed);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

async function withinLimit<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${what}: no answer within ${milliseconds / 1000} s. It is tried again.`;
    timer = setTimeout(() => reject(new OutgoingTimeout(message)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notFound(host: string): Error {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
}
