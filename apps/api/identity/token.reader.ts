import type { FastifyRequest } from 'fastify';
import type { TokenCallers } from '#libs/identity';
import type { Caller, CredentialReader } from '../access/actors.js';
import { admitted } from '../access/standing.js';

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
    const { id: caller, tenant_id: home, tenant_kind: kind, subject, grants, scopes, machine, secondFactor } = holder;
    const found = { subject, kind, home, grants, caller, method: 'token', secondFactor, scopes, machine } as const;
    return admitted(found, holder.refusal);
  }
}
