import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#libs/kernel';
import { RateExceeded, type CallClass, type Limits, type Verdict } from '#libs/platform/limits';
import type { Caller } from '../access/actors.js';
import { LARGEST_PAGE, USUAL_PAGE } from '../http/page.query.js';
import type { FairTurns } from './fair-turns.js';

const MOST_REMEMBERED = 10_000;
const TRUSTED_MS = 3_600_000;
const LONGEST_TURN_MS = 30_000;
/** Who was refused a moment ago and calls on is answered after so long: a refusal at once is asked for thousands of times a second. */
const REFUSED_AFTER_MS = 100;
/** So many refusals wait at most: each holds a connection. */
const MOST_HELD_BACK = 2_000;

interface Refusal {
  readonly until: number;
  readonly error: AppError;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Holds every call against its limits, before anything expensive. Who was refused a moment ago is refused again before its
 * body is read and its credential looked up.
 */
export class CallLimits {
  /** By digest of the credential and route. */
  private readonly refused = new Map<string, Refusal>();
  /** Credentials that let in from an address where others failed: its neighbours' failures do not shut them out. */
  private readonly trusted = new Map<string, number>();
  private readonly turnEnds = new WeakMap<FastifyRequest, () => void>();
  private heldBack = 0;

  constructor(
    private readonly limits: Limits,
    private readonly turns: FairTurns,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Looks at each call before anything else does. */
  watch(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      const refusal = this.refusalOf(request);
      if (!refusal) return done();
      void reply.headers(refusal.fields);
      this.afterPause(() => done(refusal.error));
    });
    server.addHook('onSend', (request, _reply, payload, done) => {
      if (!(payload instanceof Readable)) this.turnEnds.get(request)?.();
      done(null, payload);
    });
  }

  private afterPause(refuse: () => void): void {
    if (this.heldBack >= MOST_HELD_BACK) return refuse();
    this.heldBack += 1;
    setTimeout(() => {
      this.heldBack -= 1;
      refuse();
    }, REFUSED_AFTER_MS);
  }

  /** A call of a route that is open to everybody. Throws `RateExceeded`. */
  async admitOpen(request: FastifyRequest, reply: FastifyReply, callClass: CallClass): Promise<void> {
    const name = callClass === 'expensive' ? 'expensive.address' : 'open.address';
    this.apply(reply, await this.limits.admitAddress(name, request.ip));
  }

  /** Asks who calls. A credential that does not let in counts against its address. Throws what `find` throws, or `RateExceeded`. */
  async identify(request: FastifyRequest, find: () => Promise<Caller>): Promise<Caller> {
    try {
      const caller = await find();
      if (this.limits.hasCounted('refused.address', request.ip)) this.trust(credentialOf(request));
      return caller;
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'unauthenticated') throw error;
      const name = credentialOf(request) === null ? 'open.address' : 'refused.address';
      const verdict = await this.limits.admitAddress(name, request.ip);
      throw verdict.admitted ? error : verdict.error;
    }
  }

  /**
   * A call of somebody known; resolves when it is this tenant's turn. Throws `RateExceeded` or `ConcurrencyExceeded`. What
   * is expensive lines up by itself: it may take long, and the tenant's other calls go on beside it.
   */
  async admit(request: FastifyRequest, reply: FastifyReply, caller: Caller, callClass: CallClass): Promise<void> {
    const { caller: key, subject, home: tenant } = caller;
    const verdict = await this.limits.admit({ key, subject, tenant }, callClass, pagesOf(request));
    if (!verdict.admitted) {
      this.remember(request, verdict);
      await new Promise<void>((resolve) => this.afterPause(resolve));
    }
    this.apply(reply, verdict);
    if (verdict.admitted) atTheEnd(reply, verdict.leave);
    this.hold(request, reply, await this.turns.take(tenant, callClass === 'expensive'));
  }

  /** A turn ends when the answer is made, or with a stream; whoever reads that slowly keeps the turn only for a while. */
  private hold(request: FastifyRequest, reply: FastifyReply, leave: () => void): void {
    if (reply.raw.destroyed || reply.raw.writableFinished) return leave();
    const timer = setTimeout(leave, LONGEST_TURN_MS).unref();
    const end = (): void => {
      clearTimeout(timer);
      leave();
    };
    this.turnEnds.set(request, end);
    reply.raw.once('close', end);
  }

  private apply(reply: FastifyReply, verdict: Verdict): void {
    void reply.headers(verdict.fields);
    if (!verdict.admitted) throw verdict.error;
  }

  private refusalOf(request: FastifyRequest): Pick<Refusal, 'error' | 'fields'> | null {
    const wait = this.limits.addressWait('refused.address', request.ip);
    if (this.refused.size === 0 && wait === 0) return null;
    const credential = credentialOf(request);
    if (credential === null) return null;
    const known = this.refused.get(placeOf(credential, request));
    if (known && known.until > this.now()) return known;
    if (wait === 0 || this.isTrusted(credential)) return null;
    const seconds = Math.max(1, Math.ceil(wait / 1_000));
    const message = `Too many keys that are not valid came from your address. Wait ${seconds} s.`;
    return { error: new RateExceeded(message, { retryAfterSeconds: seconds }), fields: {} };
  }

  private remember(request: FastifyRequest, { error, fields, waitMs }: Verdict & { readonly admitted: false }): void {
    const credential = credentialOf(request);
    if (credential === null || !(error instanceof RateExceeded)) return;
    if (this.refused.size >= MOST_REMEMBERED) this.refused.clear();
    this.refused.set(placeOf(credential, request), { until: this.now() + waitMs, error, fields });
  }

  private trust(credential: string | null): void {
    if (credential === null) return;
    if (this.trusted.size >= MOST_REMEMBERED) this.trusted.clear();
    this.trusted.set(credential, this.now());
  }

  private isTrusted(credential: string): boolean {
    return this.now() - (this.trusted.get(credential) ?? -Infinity) < TRUSTED_MS;
  }
}

/** Also when the caller hangs up, even if that was while something else was waited for: then nothing is heard of it any more. */
function atTheEnd(reply: FastifyReply, leave: () => void): void {
  if (reply.raw.destroyed || reply.raw.writableFinished) leave();
  else reply.raw.once('close', leave);
}

/** A page of 200 rows costs what four of the usual size cost, and counts for as many. */
function pagesOf({ query }: FastifyRequest): number {
  const limit = Number((query as { readonly limit?: unknown } | undefined)?.limit);
  return limit > USUAL_PAGE ? Math.ceil(Math.min(limit, LARGEST_PAGE) / USUAL_PAGE) : 1;
}

/** What a call proves itself by, as a digest; null when it does not try. */
function credentialOf({ headers }: FastifyRequest): string | null {
  const text = headers.authorization ?? headers.cookie;
  return text === undefined || text === '' ? null : hash('sha256', text, 'base64url');
}

function placeOf(credential: string, { method, routeOptions }: FastifyRequest): string {
  return `${credential} ${method} ${routeOptions.url ?? ''}`;
}
