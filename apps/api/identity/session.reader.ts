import type { FastifyRequest } from 'fastify';
import { isCookieToken, type ClaimsReading, type SessionHolder, type Sessions } from '#libs/identity';
import type { Caller, CredentialReader } from '../access/actors.js';
import { admitted } from '../access/standing.js';
import type { Cookies } from './cookies.js';
import { requireSameSite } from './same-site.js';
import { SessionInvalid } from './session.errors.js';

/** Callers by session cookie. */
export class SessionReader implements CredentialReader {
  constructor(
    private readonly sessions: Sessions,
    private readonly claims: ClaimsReading,
    private readonly cookies: Cookies,
    private readonly publicUrl: string,
  ) {}

  /** A call that names a key or token is not the session's. Throws `SessionInvalid`, `CrossSiteRefused` or `TenantSuspended`. */
  async read(request: Pick<FastifyRequest, 'headers' | 'method'>): Promise<Caller | null> {
    if (request.headers.authorization?.trim()) return null;
    const token = this.cookies.read(request, 'session');
    if (token === undefined || token === '') return null;
    requireSameSite(request, this.publicUrl);
    const holder = isCookieToken(token) ? await this.holderOf(token) : undefined;
    if (!holder) throw new SessionInvalid('Sign in again at /v1/sign-in.');
    const { id: caller, tenant_id: home, tenant_kind: kind, subject, grants, second_factor: secondFactor } = holder;
    return admitted(
      { subject, kind, home, grants, caller, method: 'session', secondFactor, scopes: null },
      holder.refusal,
    );
  }

  private async holderOf(token: string): Promise<SessionHolder | undefined> {
    const holder = await this.sessions.holderOf(token);
    return holder && this.claims.upToDate(holder, token);
  }
}
