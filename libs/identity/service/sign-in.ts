import * as oidc from 'openid-client';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { NoIdentityProvider, SignInFailed, SignInNotBegun } from '../model/identity.errors.js';
import { callbackPath, type IdentityProvider, type PlaceOfProvider } from '../model/provider.model.js';
import { beginFlow, takeFlow } from '../store/flow.store.js';
import { findProvider, findProviderOf, type ProviderHint } from '../store/provider.store.js';
import { insertSession, newSessionId } from '../store/session.store.js';
import { admit } from './admission.js';
import { exchangeCode, type IssuerAnswer } from './issuer-answers.js';
import type { Issuers } from './issuers.js';
import type { Sessions } from './sessions.js';
import {
  closeForSession,
  flowSecrets,
  hashOfCookieToken,
  isCookieToken,
  newCookieToken,
  type SessionPlace,
} from './session-token.js';

/** Without a refresh token nobody can be asked whether the groups still hold: such a session is short. */
const HOURS_WITHOUT_REFRESH = 1;

/** A sign-in that has begun: the browser goes to `url` and keeps the token in a cookie. */
export interface BegunSignIn {
  readonly url: URL;
  readonly token: string;
}

/** A sign-in that is under way, in the browser that began it. */
export interface ResumedSignIn {
  readonly provider: IdentityProvider;
  readonly returnTo: string;
  readonly token: string;
}

/** What a browser says of itself when it comes back. */
export interface BrowserOfSignIn {
  readonly userAgent: string | null;
  /** The token of the session that it had until now, which ends with the new one. */
  readonly session: string | undefined;
}

/** A sign-in that ended well. */
export interface SignedIn {
  /** For the session's cookie; it was never sent before and is not kept. */
  readonly token: string;
  readonly returnTo: string;
  /** The name in histories. */
  readonly subject: string;
}

/** Signs people in at their issuer: OpenID Connect, authorization code with PKCE. */
export class SignIn {
  /** `publicUrl` is where people reach the API, without a slash at its end. */
  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
    private readonly sessions: Sessions,
    private readonly publicUrl: string,
  ) {}

  /**
   * Begins a sign-in at the one provider that fits. With `again` the issuer asks who somebody is even if it knows.
   * Throws `NoIdentityProvider`, the same whatever the reason, or `IssuerUnavailable`.
   */
  async begin(hint: ProviderHint, returnTo: string, { again = false } = {}): Promise<BegunSignIn> {
    const provider = await this.choose(hint);
    const client = await this.issuers.client(provider);
    const token = newCookieToken();
    const { state, nonce, codeVerifier } = flowSecrets(token);
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.publicUrl + callbackPath(provider),
      scope: provider.settings.scopes.join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...(again ? { prompt: 'login' } : {}),
    });
    const { tenant, id: providerId } = provider;
    await beginFlow(this.database, hashOfCookieToken(token), { tenant, providerId, returnTo });
    return { url, token };
  }

  /**
   * Ends a sign-in with the query of the issuer's callback. Throws `SignInFailed`, `IssuerUnavailable`, or what keeps somebody out: `NotAdmitted`, `NoRole`, `SecondFactorMissing`.
   */
  async complete(begun: ResumedSignIn, query: string, browser: BrowserOfSignIn): Promise<SignedIn> {
    const { provider, returnTo } = begun;
    const client = await this.issuers.client(provider);
    const callback = new URL(`${this.publicUrl}${callbackPath(provider)}${query}`);
    const answer = await exchangeCode(provider, client, callback, flowSecrets(begun.token));
    const token = newCookieToken();
    const place = { tenant: provider.tenant, id: newSessionId() };
    const admitted = await admit(
      this.database,
      provider,
      answer.claims,
      async (tx, { personId, subject, secondFactor }) => {
        await insertSession(tx, {
          ...place,
          tokenHash: hashOfCookieToken(token),
          personId,
          method: 'issuer',
          secondFactor,
          userAgent: browser.userAgent,
          ...lifetime(provider, answer),
          issuer: issuerPart(provider, answer, token, place),
        });
        await appendAudit(tx, place.tenant, {
          action: 'session.started',
          actor: subject,
          object: { kind: 'session', id: place.id },
          after: { provider: provider.name, secondFactor },
        });
      },
    );
    if (browser.session !== undefined) await this.sessions.replace(browser.session);
    return { token, returnTo, subject: admitted.subject };
  }

  private async choose(hint: ProviderHint): Promise<IdentityProvider> {
    const found = await findProviderOf(this.database, hint);
    const provider =
      found && (await inTenants(this.database, [found.tenant], (tx) => findProvider(tx, found.tenant, found.id)));
    if (!provider) throw new NoIdentityProvider('Check what you gave, or ask your administrator where to sign in.');
    return provider;
  }

  /**
   * Takes up the sign-in that this browser began, when it comes back by the address `at` of the provider that it was sent to.
   * Throws `SignInNotBegun` when it began none, or somebody ended it already; `SignInFailed` when it was sent elsewhere.
   */
  async resume(token: string | undefined, at: PlaceOfProvider): Promise<ResumedSignIn> {
    const flow = isCookieToken(token) ? await takeFlow(this.database, hashOfCookieToken(token)) : null;
    const provider =
      flow && (await inTenants(this.database, [flow.tenant], (tx) => findProvider(tx, flow.tenant, flow.providerId)));
    if (!flow || !provider?.enabled)
      throw new SignInNotBegun('It took longer than ten minutes, or it was not begun in this browser. Begin again.');
    // one issuer's metadata may name another's pages: the code of that one must not reach this one's token endpoint (RFC 9700, 4.4)
    if (provider.tenant !== at.tenant || provider.name !== at.name)
      throw new SignInFailed('It came back by the address of another identity provider. Begin again.');
    return { provider, returnTo: flow.returnTo, token: token! };
  }
}

function lifetime({ settings }: IdentityProvider, { refreshToken }: IssuerAnswer) {
  const hours = refreshToken === null ? Math.min(settings.sessionHours, HOURS_WITHOUT_REFRESH) : settings.sessionHours;
  return { idleMinutes: settings.sessionIdleMinutes, hours };
}

function issuerPart(provider: IdentityProvider, answer: IssuerAnswer, token: string, place: SessionPlace) {
  const close = (text: string | null): Buffer | null => (text === null ? null : closeForSession(token, place, text));
  return {
    providerId: provider.id,
    sid: answer.sid,
    subject: String(answer.claims['sub']),
    refreshToken: close(answer.refreshToken),
    idToken: close(answer.idToken),
  };
}
