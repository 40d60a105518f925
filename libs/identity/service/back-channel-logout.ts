import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { inTenants, type Database } from '#libs/platform/database';
import { AppError } from '#libs/kernel';
import { TokenInvalid } from '../model/identity.errors.js';
import type { IdentityProvider } from '../model/provider.model.js';
import { providersOfIssuers } from '../store/provider.store.js';
import { sessionsAtIssuer } from '../store/session.store.js';
import type { Issuers } from './issuers.js';
import type { Sessions } from './sessions.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LARGEST_TOKEN = 8_192;
const SKEW_SECONDS = 30;

/** Ends sessions that an issuer has ended (OpenID Connect Back-Channel Logout 1.0). */
export class BackChannelLogout {
  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
    private readonly sessions: Sessions,
  ) {}

  /** Ends what a logout token names; a repeat finds nothing to end. Throws `TokenInvalid` or `IssuerUnavailable`. */
  async receive(token: unknown): Promise<void> {
    if (typeof token !== 'string' || token.length > LARGEST_TOKEN) throw invalid();
    const provider = await this.senderOf(token);
    const { sid, sub } = await this.verified(token, provider);
    const { issuer, clientId } = provider;
    const at = { issuer, clientId, sid: typeof sid === 'string' ? sid : null, subject: sub ?? null };
    for (const { tenant, id } of await sessionsAtIssuer(this.database, at))
      await inTenants(this.database, [tenant], (tx) =>
        this.sessions.end(tx, { tenant, id }, `issuer:${provider.name}`, 'issuer'),
      );
  }

  /** The issuer says whom the token is for; providers of it that several tenants have share the client or do not. */
  private async senderOf(token: string): Promise<IdentityProvider> {
    const { iss, aud } = unverified(token);
    const audience = typeof aud === 'string' ? [aud] : (aud ?? []);
    const providers = typeof iss === 'string' ? await providersOfIssuers(this.database, [iss]) : [];
    const provider = providers.find(({ clientId }) => audience.includes(clientId));
    if (!provider) throw invalid();
    return provider;
  }

  private async verified(token: string, provider: IdentityProvider): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, await this.issuers.keys(provider), {
        issuer: provider.issuer,
        audience: provider.clientId,
        algorithms: [...provider.settings.algorithms],
        // no other token that the issuer signs for us passes for a logout
        typ: 'logout+jwt',
        clockTolerance: SKEW_SECONDS,
        maxTokenAge: '5 minutes',
        requiredClaims: ['iat', 'jti', 'events'],
      });
      const events = payload['events'] as Record<string, unknown> | null;
      const isLogout = typeof events === 'object' && events !== null && typeof events[EVENT] === 'object';
      // an ID token must never pass for a logout token
      if (!isLogout || payload['nonce'] !== undefined || (payload.sub ?? payload['sid']) === undefined) throw invalid();
      return payload;
    } catch (cause) {
      throw cause instanceof AppError ? cause : invalid(cause);
    }
  }
}

function unverified(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch (cause) {
    throw invalid(cause);
  }
}

function invalid(cause?: unknown): TokenInvalid {
  return new TokenInvalid('This is no logout token of a known issuer for us.', { cause });
}
