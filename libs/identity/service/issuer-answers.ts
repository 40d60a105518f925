import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { AppError } from '#libs/kernel';
import { IssuerUnavailable, SignInFailed } from '../model/identity.errors.js';
import type { Claims } from '../model/claims.model.js';
import type { Algorithm, IdentityProvider } from '../model/provider.model.js';

/** What an issuer gave for a code or a refresh token, checked. */
export interface IssuerAnswer {
  readonly claims: Claims;
  readonly idToken: string | null;
  readonly refreshToken: string | null;
  readonly sid: string | null;
}

type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

/** Exchanges the code of a callback. Throws `SignInFailed` or `IssuerUnavailable`. */
export async function exchangeCode(
  provider: IdentityProvider,
  client: oidc.Configuration,
  callback: URL,
  flow: { readonly state: string; readonly nonce: string; readonly codeVerifier: string },
): Promise<IssuerAnswer> {
  const checks = {
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    pkceCodeVerifier: flow.codeVerifier,
    idTokenExpected: true,
  };
  return answered(provider, async () => {
    const tokens = await oidc.authorizationCodeGrant(client, callback, checks);
    return readTokens(provider, client, tokens);
  });
}

/** Asks the issuer anew for what it says of a session's person. Throws `SignInFailed` when it says no, or `IssuerUnavailable`. */
export async function refresh(
  provider: IdentityProvider,
  client: oidc.Configuration,
  refreshToken: string,
  subject: string,
): Promise<IssuerAnswer> {
  return answered(provider, async () => {
    const tokens = await oidc.refreshTokenGrant(client, refreshToken);
    return readTokens(provider, client, tokens, subject);
  });
}

async function readTokens(
  provider: IdentityProvider,
  client: oidc.Configuration,
  tokens: Tokens,
  known?: string,
): Promise<IssuerAnswer> {
  const idToken = tokens.id_token ?? null;
  if (idToken !== null) requireAlgorithm(provider, idToken);
  const claims: Claims = { ...tokens.claims() };
  const subject = (claims['sub'] as string | undefined) ?? known;
  if (subject === undefined || (known !== undefined && subject !== known)) throw failed(provider);
  const all = await withUserInfo(provider, client, tokens.access_token, { sub: subject, ...claims });
  const sid = typeof claims['sid'] === 'string' ? claims['sid'] : null;
  return { claims: all, idToken, refreshToken: tokens.refresh_token ?? null, sid };
}

/** Some issuers leave groups to the userinfo endpoint; what the ID token says goes before. */
async function withUserInfo(
  { settings: { claims: names } }: IdentityProvider,
  client: oidc.Configuration,
  accessToken: string,
  claims: Claims & { readonly sub: string },
): Promise<Claims> {
  const isComplete = claims[names.groups] !== undefined && claims[names.subject] !== undefined;
  if (isComplete || client.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...(await oidc.fetchUserInfo(client, accessToken, claims.sub)), ...claims };
}

function requireAlgorithm(provider: IdentityProvider, token: string): void {
  const { alg } = decodeProtectedHeader(token);
  if (!provider.settings.algorithms.includes(alg as Algorithm))
    throw new SignInFailed('The issuer signs by an algorithm that is not allowed for it. Tell your administrator.');
}

async function answered<T>(provider: IdentityProvider, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignInFailed) throw error;
    throw isAway(error) ? away(provider, error) : failed(provider, error);
  }
}

/** No answer, or one that says that the server is at fault: the same call may succeed later. */
function isAway(error: unknown): boolean {
  // the way out is shut, or nobody answered at its end
  if (error instanceof AppError) return true;
  const { code, status, cause, name } = (error ?? {}) as Record<string, unknown>;
  if (typeof status === 'number') return status >= 500 || status === 429;
  if (code === 'OAUTH_TIMEOUT' || name === 'TimeoutError') return true;
  if (name === 'TypeError' && /fetch failed/.test(String((error as Error).message))) return true;
  if (cause instanceof Response) return cause.status >= 500;
  return cause !== undefined && cause !== null && cause !== error && isAway(cause);
}

function away({ issuer }: IdentityProvider, cause: unknown): IssuerUnavailable {
  return new IssuerUnavailable(`${issuer} does not answer as an issuer should. Try again in a moment.`, {
    cause,
    retryAfterSeconds: 5,
  });
}

function failed({ issuer }: IdentityProvider, cause?: unknown): SignInFailed {
  return new SignInFailed(`${issuer} did not confirm who you are. Begin again.`, { cause });
}
