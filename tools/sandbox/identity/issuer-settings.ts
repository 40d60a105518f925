import type { Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider';
import type { DemoPerson } from './identity-people.js';
import { page, textsFor } from './pages.js';

/** What access tokens for Stellwerk's API are made out to. */
export const API_AUDIENCE = 'urn:stellwerk:api';
/** The level that a sign-in with a second factor reaches. */
export const TWO_FACTORS = 'urn:stellwerk:two-factors';

/** The clients of a demo issuer; the secrets are drawn once and kept. */
export interface ClientSecrets {
  readonly web: string;
  readonly machine: string;
}

export interface IssuerSettings {
  readonly name: string;
  /** Whose the issuer is, and its machines. */
  readonly organisation: string;
  /** Where people reach the API, without a slash at its end. */
  readonly apiUrl: string;
  readonly keys: readonly JWK[];
  readonly cookieKey: string;
  readonly secrets: ClientSecrets;
  find(user: string): DemoPerson | undefined;
}

const SCOPES = ['openid', 'profile', 'email', 'groups', 'offline_access'];
const TEN_MINUTES = 600;
const CALL_MS = 5_000;

/** The settings of `oidc-provider` for one demo issuer: PKCE everywhere, consent given beforehand, refresh tokens rotated. */
export function issuerConfiguration(settings: IssuerSettings): Configuration {
  const { name, keys, cookieKey, organisation: machineOf } = settings;
  return {
    jwks: { keys: [...keys] },
    // cookies know no ports: two issuers on one host need names of their own
    cookies: {
      keys: [cookieKey],
      names: { session: `${name}_session`, interaction: `${name}_interaction`, resume: `${name}_resume` },
    },
    clients: clients(settings),
    scopes: [...SCOPES],
    claims: {
      openid: ['sub', 'acr', 'amr', 'organisation', 'sid'],
      profile: ['name', 'preferred_username'],
      email: ['email'],
      groups: ['groups'],
    },
    conformIdTokenClaims: false,
    findAccount: (_context, user) => account(settings.find(user)),
    extraTokenClaims: (context, token) => ({
      organisation: 'accountId' in token ? settings.find(token.accountId)?.organisation : machineOf,
      ...factorsOf(context),
    }),
    loadExistingGrant,
    issueRefreshToken: (_context, client) => Promise.resolve(client.grantTypeAllowed('refresh_token')),
    rotateRefreshToken: true,
    // by itself it calls nobody on this machine, where our API is
    fetch: (url, { method, headers, body } = {}) =>
      fetch(url, { method, headers, body, signal: AbortSignal.timeout(CALL_MS) } as RequestInit),
    pkce: { required: () => true },
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    acrValues: [TWO_FACTORS],
    ttl: {
      Session: 43_200,
      Grant: 43_200,
      Interaction: TEN_MINUTES,
      AccessToken: TEN_MINUTES,
      IdToken: TEN_MINUTES,
      RefreshToken: 43_200,
      ClientCredentials: TEN_MINUTES,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource: loggedOut },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, client) => (client.clientId === 'stellwerk' ? [] : API_AUDIENCE),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api',
          audience: API_AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TEN_MINUTES,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  };
}

/** The providers, by tenant and name, that these issuers may be saved as. */
const DEMO_PROVIDERS = ['msp', 'muster', 'nordlicht'].flatMap((tenant) => [`${tenant}/demo`, `${tenant}/first`]);

function clients({ apiUrl, secrets }: IssuerSettings): Configuration['clients'] {
  return [
    {
      client_id: 'stellwerk',
      client_secret: secrets.web,
      redirect_uris: DEMO_PROVIDERS.map((provider) => `${apiUrl}/v1/sign-in/callback/${provider}`),
      post_logout_redirect_uris: [`${apiUrl}/v1/sign-in/ended`],
      backchannel_logout_uri: `${apiUrl}/v1/sign-in/back-channel-logout`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    // a person's own program, e.g. a command line: it has no secret and gets tokens for the API
    {
      client_id: 'stellwerk-cli',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/signed-in'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
    {
      client_id: 'stellwerk-machine',
      client_secret: secrets.machine,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ];
}

async function account(person: DemoPerson | undefined) {
  if (!person) return undefined;
  const { user, name, mail, organisation } = person;
  const claims = { sub: user, name, preferred_username: user, email: mail, organisation, groups: [...person.groups] };
  return { accountId: user, claims: () => Promise.resolve(claims) };
}

/** How somebody signed in, for the API as for the browser. */
function factorsOf({ oidc }: KoaContextWithOIDC): Record<string, unknown> {
  const { acr, amr } = (oidc.entities.AuthorizationCode ?? {}) as { acr?: string; amr?: string[] };
  return { ...(acr ? { acr } : {}), ...(amr ? { amr } : {}) };
}

/** Whoever works here has agreed to it: nobody is asked. */
async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! });
  grant.addOIDCScope(SCOPES.join(' '));
  grant.addResourceScope(API_AUDIENCE, 'api');
  await grant.save();
  return grant;
}

function logoutSource(context: KoaContextWithOIDC, form: string): void {
  const texts = textsFor(context.get('accept-language'));
  const button = `<button form="op.logoutForm" name="logout" value="yes" autofocus>${texts.leave}</button>`;
  context.body = page(texts.language, texts.leave, `<p>${texts.leaveAsk}</p>${form}${button}`);
}

function loggedOut(context: KoaContextWithOIDC): void {
  const texts = textsFor(context.get('accept-language'));
  context.body = page(texts.language, texts.left, '');
}
