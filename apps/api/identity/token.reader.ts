import type { FastifyRequest } from 'fastify';
import type { TokenCallers } from '#libs/identity';
import { TenantSuspended } from '../access/access.errors.js';
import type { Caller, CredentialReader } from '../access/actors.js';

/** A bearer credential in three parts, the way JWTs are written (RFC 7515); our own keys have one. */
const JWT = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*) *$/i;

/** Callers by an issuer's access token. */
export class TokenReader implements CredentialReader {
  constructor(private readonly tokens: TokenCallers) {}

  /** Throws `TokenInvalid`, `SecondFactorMissing`, `IssuerUnavailable` or `TenantSuspended`. */
  async read({ headers: { authorization } }: Pick<FastifyRequest, 'headers'>): Promise<Caller | null> {
    const token = authorization === undefined ? undefined : JWT.exec(authorization)?.[1];
    if (token === undefined) return null;
    const holder = await this.tokens.holderOf(token);
    if (holder.refusal === 'suspended')
      throw new TenantSuspended('Your company’s access is suspended. Ask your provider.');
    const { id: caller, tenant_id: home, tenant_kind: kind, subject, grants, scopes, secondFactor } = holder;
    return { subject, kind, home, grants, caller, method: 'token', secondFactor, scopes };
  }
}
