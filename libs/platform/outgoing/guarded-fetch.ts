import { Agent, request, type Dispatcher } from 'undici';
import { ACCEPTED_CODINGS, readBody } from './answer-body.js';
import { addressClass } from './address-class.js';
import { httpPort } from './http-ports.js';
import { AddressForbidden, HostInvalid, OutgoingTimeout, RedirectRefused } from './outgoing-errors.js';
import { dial, OutgoingGuard, startTls, type PinnedAddress } from './outgoing-guard.js';
import type { OutgoingPolicy } from './outgoing-policy.js';

/** How much is waited for and read; milliseconds and bytes. */
export interface FetchLimits {
  readonly connectMs: number;
  /** Until the answer's headers have come. */
  readonly firstByteMs: number;
  /** For all of it, redirects included. */
  readonly wholeMs: number;
  /** Of the body, before and after unpacking. */
  readonly responseBytes: number;
  /** How many redirects are followed; each is checked like a call of its own. */
  readonly redirects: number;
}

export interface FetchOptions extends Partial<FetchLimits> {
  /** The PEM of the CA that the server's certificate is signed by; null: the machine's own CAs. */
  readonly ca?: string | null;
  /** Refuses http:// to public addresses, where others could read along. */
  readonly encryptedInPublic?: boolean;
}

/** The part of `fetch`'s options that is understood. */
export interface GuardedInit {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined;
  readonly body?: string | URLSearchParams | Uint8Array | null | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/** `fetch`, guarded. The answer is read to its end before it is given. */
export type GuardedFetch = (url: string | URL, init?: GuardedInit) => Promise<Response>;

const DEFAULTS: FetchLimits = {
  connectMs: 5_000,
  firstByteMs: 15_000,
  wholeMs: 15_000,
  responseBytes: 1024 * 1024,
  redirects: 0,
};

/**
 * HTTP through the guard: resolved, checked and pinned, TLS verified, limited in time and size. Without `redirects` a
 * redirect is an answer like another. Throws what `OutgoingGuard.resolve` throws, `OutgoingTimeout`, `AnswerTooLarge`,
 * `AnswerUnreadable`, `RedirectRefused`, the signal's reason, or Node's error.
 */
export function guardedFetch(way: OutgoingGuard | OutgoingPolicy, options: FetchOptions = {}): GuardedFetch {
  const guard = way instanceof OutgoingGuard ? way : new OutgoingGuard(way);
  const { ca = null, encryptedInPublic = false, ...given } = options;
  const how = { guard, ca, encryptedInPublic, limits: { ...DEFAULTS, ...given } };
  return async (url, init = {}) => {
    const whole = AbortSignal.timeout(how.limits.wholeMs);
    const signal = init.signal ? AbortSignal.any([init.signal, whole]) : whole;
    try {
      return await follow(how, { url: new URL(url), ...callOf(init), signal });
    } catch (error) {
      init.signal?.throwIfAborted();
      if (whole.aborted) throw late(url, how.limits.wholeMs);
      throw isLateFirstByte(error) ? late(url, how.limits.firstByteMs) : error;
    }
  };
}

interface How {
  readonly guard: OutgoingGuard;
  readonly ca: string | null;
  readonly encryptedInPublic: boolean;
  readonly limits: FetchLimits;
}

interface Call {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
}

function callOf({ method = 'GET', headers, body = null }: GuardedInit): Omit<Call, 'url' | 'signal'> {
  const sent = new Headers(headers);
  if (body instanceof URLSearchParams && !sent.has('content-type'))
    sent.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  if (!sent.has('accept-encoding')) sent.set('accept-encoding', ACCEPTED_CODINGS);
  if (!sent.has('user-agent')) sent.set('user-agent', 'Stellwerk');
  return { method: method.toUpperCase(), headers: sent, body: body instanceof URLSearchParams ? String(body) : body };
}

async function follow(how: How, first: Call): Promise<Response> {
  let call = first;
  for (let hops = 0; ; hops++) {
    const response = await send(how, call);
    const next = how.limits.redirects > 0 ? redirected(call, response) : null;
    if (next === null) return response;
    if (hops >= how.limits.redirects) throw new RedirectRefused(`${first.url.origin} redirects too often.`);
    call = next;
  }
}

/** What another origin may read of a call: what is the same for everybody. */
const FOR_ANYBODY: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

/**
 * The call that a redirect asks for, null when it is none. Logins and keys, whatever header they stand in, and what was
 * sent stay with the origin that they are for.
 */
function redirected(call: Call, response: Response): Call | null {
  const { status } = response;
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  if (!URL.canParse(location, call.url.href)) throw new RedirectRefused(`${call.url.origin} redirects to no address.`);
  const url = new URL(location, call.url);
  if (call.url.protocol === 'https:' && url.protocol !== 'https:')
    throw new RedirectRefused(`${call.url.origin} redirects to ${url.origin}, without encryption.`);
  const isElsewhere = url.origin !== call.url.origin;
  const headers = new Headers([...call.headers].filter(([name]) => !isElsewhere || FOR_ANYBODY.has(name)));
  const keepsMethod = status === 307 || status === 308 || ['GET', 'HEAD'].includes(call.method);
  if (keepsMethod && isElsewhere && call.body !== null)
    throw new RedirectRefused(`${call.url.origin} redirects what was sent to it to ${url.origin}.`);
  if (keepsMethod) return { ...call, url, headers };
  for (const name of ['content-type', 'content-length']) headers.delete(name);
  return { ...call, url, headers, method: 'GET', body: null };
}

async function send({ guard, ca, encryptedInPublic, limits }: How, call: Call): Promise<Response> {
  const { url, method, headers, body, signal } = call;
  const addresses = await guard.resolve({ host: hostOf(url), port: httpPort(url), protocol: 'http' });
  signal.throwIfAborted();
  if (
    encryptedInPublic &&
    url.protocol === 'http:' &&
    addresses.some(({ address }) => addressClass(address) === 'public')
  )
    throw new AddressForbidden(`${url.origin} would be called without encryption. Use https.`);
  const agent = pinnedAgent(addresses, { ca, isTls: url.protocol === 'https:', connectMs: limits.connectMs, signal });
  try {
    const sent = { method: method as Dispatcher.HttpMethod, headers: [...headers].flat(), body, signal };
    const times = { headersTimeout: limits.firstByteMs, bodyTimeout: limits.wholeMs };
    const answer = await request(url, { ...sent, ...times, dispatcher: agent });
    const read = await readBody(answer.body, textOf(answer.headers['content-encoding']), limits.responseBytes);
    return responseOf(answer, read);
  } finally {
    await agent.destroy();
  }
}

interface Dialling {
  readonly ca: string | null;
  readonly isTls: boolean;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

/** Speaks to these addresses and no other, whatever the name stands for by now. */
function pinnedAgent(addresses: readonly PinnedAddress[], { ca, isTls, connectMs, signal }: Dialling): Agent {
  const connect = async () => {
    for (const [index, pinned] of addresses.entries()) {
      try {
        const socket = await dial(pinned, { connectMs, signal });
        return isTls ? await startTls(socket, pinned.host, { ca, connectMs, signal }) : socket;
      } catch (error) {
        if (index === addresses.length - 1 || signal.aborted) throw error;
      }
    }
    throw new Error('There is no address to connect to.');
  };
  return new Agent({
    pipelining: 0,
    connect: (_options, done) => {
      connect().then(
        (socket) => done(null, socket),
        (error: unknown) => done(error as Error, null),
      );
    },
  });
}

function responseOf({ statusCode, headers }: Dispatcher.ResponseData, body: Buffer): Response {
  // it was unpacked
  const dropped = ['content-encoding', 'content-length', 'transfer-encoding'];
  const kept = Object.entries(headers).flatMap(([name, values]) =>
    values === undefined || dropped.includes(name)
      ? []
      : [values].flat().map((value): [string, string] => [name, value]),
  );
  const isBare = [101, 204, 205, 304].includes(statusCode);
  return new Response(isBare ? null : new Uint8Array(body), { status: statusCode, headers: kept });
}

function hostOf(url: URL): string {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new HostInvalid('Only http:// and https:// addresses can be called.');
  return url.hostname;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

function late(url: string | URL, milliseconds: number): OutgoingTimeout {
  const { origin } = new URL(url);
  return new OutgoingTimeout(`${origin} did not answer within ${milliseconds / 1000} s. It is tried again.`, {
    context: { where: origin },
  });
}

function isLateFirstByte(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'UND_ERR_HEADERS_TIMEOUT';
}
