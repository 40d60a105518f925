import { createRemoteJWKSet, customFetch as joseFetch, type CryptoKey, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';
import { systemClock, type Clock } from '#libs/kernel';
import type { GuardedFetch, GuardedInit } from '#libs/platform/outgoing';
import type { SecretSource } from '#libs/platform/secrets';
import { IssuerUnavailable } from '../model/identity.errors.js';
import type { IdentityProvider } from '../model/provider.model.js';

const METADATA_MS = 600_000;
/** After a failure an issuer is not asked again for so long: others' calls must not hang on it one by one. */
const PAUSE_MS = 5_000;
type GuardedBody = GuardedInit['body'];

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

interface Known {
  readonly metadata: oidc.ServerMetadata;
  readonly keys: JWTVerifyGetKey;
  readonly readAt: number;
}

/** An issuer as a tenant reaches it: by the tenant's own way out. */
export type IssuerOfTenant = Pick<IdentityProvider, 'tenant' | 'issuer'>;

/** What issuers say of themselves, and their keys: read when needed, kept for a while, each limited in size and time. */
export class Issuers {
  private readonly known = new Map<string, Known>();
  private readonly underWay = new Map<string, Promise<Known>>();
  private readonly failedAt = new Map<string, number>();

  /** `wayOut` gives a tenant's guarded way to call issuers. */
  constructor(
    private readonly secrets: SecretSource,
    private readonly wayOut: (tenant: string) => GuardedFetch,
    private readonly clock: Clock = systemClock,
  ) {}

  /** The issuer's metadata (OpenID Connect Discovery 1.0). Throws `IssuerUnavailable`. */
  async metadata(at: IssuerOfTenant): Promise<oidc.ServerMetadata> {
    return (await this.find(at)).metadata;
  }

  /** Finds an issuer's key for a token; an unknown `kid` fetches anew, at most twice a minute. Throws `IssuerUnavailable`. */
  async keys(at: IssuerOfTenant): Promise<JWTVerifyGetKey> {
    return (await this.find(at)).keys;
  }

  /** A client of the issuer, with its secret resolved for this use. Throws `IssuerUnavailable` or `SecretMissing`. */
  async client(provider: IdentityProvider): Promise<oidc.Configuration> {
    const metadata = await this.metadata(provider);
    const { secretRef, clientId, tenant } = provider;
    const secret = secretRef === null ? undefined : await this.secrets.resolve(tenant, secretRef);
    const client = new oidc.Configuration(metadata, clientId, undefined, authentication(metadata, secret));
    client[oidc.customFetch] = this.send(tenant);
    // the token endpoint's answer is checked by signature, too, not by TLS alone
    oidc.enableNonRepudiationChecks(client);
    if (isOnLoopback(provider.issuer)) oidc.allowInsecureRequests(client);
    return client;
  }

  /** Reads an issuer anew, whatever is known of it. Throws `IssuerUnavailable`. */
  async reread(at: IssuerOfTenant): Promise<oidc.ServerMetadata> {
    this.known.delete(nameOf(at));
    this.failedAt.delete(nameOf(at));
    return this.metadata(at);
  }

  private async find(at: IssuerOfTenant): Promise<Known> {
    const name = nameOf(at);
    const known = this.known.get(name);
    if (known && this.age(known.readAt) < METADATA_MS) return known;
    if (this.age(this.failedAt.get(name)) < PAUSE_MS) return known ?? unavailable(at.issuer);
    const reading = this.underWay.get(name) ?? this.read(at).finally(() => this.underWay.delete(name));
    this.underWay.set(name, reading);
    // what is known goes on to hold while the issuer is away
    return reading.catch((error: unknown) => known ?? unavailable(at.issuer, error));
  }

  private async read(at: IssuerOfTenant): Promise<Known> {
    const { issuer, tenant } = at;
    try {
      const found = await oidc.discovery(new URL(issuer), 'stellwerk', undefined, undefined, {
        [oidc.customFetch]: this.send(tenant),
        execute: isOnLoopback(issuer) ? [oidc.allowInsecureRequests] : [],
      });
      const metadata = found.serverMetadata();
      // an address that only resembles the issuer's must not become one
      if (metadata.issuer !== issuer) throw new Error(`It calls itself ${metadata.issuer}.`);
      const known = { metadata, keys: this.keysOf(at, metadata), readAt: this.clock.now().getTime() };
      this.known.set(nameOf(at), known);
      this.failedAt.delete(nameOf(at));
      return known;
    } catch (error) {
      this.failedAt.set(nameOf(at), this.clock.now().getTime());
      throw error;
    }
  }

  private keysOf(at: IssuerOfTenant, { jwks_uri }: oidc.ServerMetadata): JWTVerifyGetKey {
    if (jwks_uri === undefined) throw new Error('It names no keys.');
    const url = new URL(jwks_uri);
    if (url.protocol !== 'https:' && !isOnLoopback(jwks_uri)) throw new Error('Its keys are not behind https.');
    const send = this.wayOut(at.tenant);
    const keys = createRemoteJWKSet(url, {
      timeoutDuration: 5_000,
      cooldownDuration: 30_000,
      cacheMaxAge: METADATA_MS,
      [joseFetch]: (address, { headers, method, signal }) => send(address, { headers, method, signal }),
    });
    return (header, token) => this.keyOf(at, () => keys(header, token), keys);
  }

  /** A fetch that failed is not repeated for each token that arrives meanwhile. */
  private async keyOf(
    at: IssuerOfTenant,
    find: () => Promise<CryptoKey>,
    keys: { readonly fresh: boolean },
  ): Promise<CryptoKey> {
    const name = `keys of ${nameOf(at)}`;
    if (!keys.fresh && this.age(this.failedAt.get(name)) < PAUSE_MS) return unavailable(at.issuer);
    try {
      return await find();
    } catch (error) {
      if (isAboutToken(error)) throw error;
      this.failedAt.set(name, this.clock.now().getTime());
      return unavailable(at.issuer, error);
    }
  }

  private send(tenant: string): oidc.CustomFetch {
    const send = this.wayOut(tenant);
    return (url, { method, headers, body, signal }) =>
      send(url, { method, headers, body: body as GuardedBody, signal });
  }

  private age(at: number | undefined): number {
    return this.clock.now().getTime() - (at ?? -Infinity);
  }
}

function nameOf({ tenant, issuer }: IssuerOfTenant): string {
  return `${tenant} ${issuer}`;
}

/** jose’s codes for a token whose key is not there: nothing is wrong with the issuer. */
function isAboutToken(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    code === 'ERR_JWKS_NO_MATCHING_KEY' ||
    code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS' ||
    code === 'ERR_JOSE_NOT_SUPPORTED'
  );
}

/** Whether an address stays on this machine: only there may an issuer do without TLS. */
export function isOnLoopback(address: string): boolean {
  return URL.canParse(address) && LOOPBACK.has(new URL(address).hostname);
}

function authentication(metadata: oidc.ServerMetadata, secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  // `client_secret_basic` is what an issuer that names none takes (OpenID Connect Discovery 1.0, section 3)
  const ways = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return ways.includes('client_secret_basic') ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
}

function unavailable(issuer: string, cause?: unknown): never {
  throw new IssuerUnavailable(`${issuer} does not answer as an issuer should. Try again in a moment.`, {
    cause,
    retryAfterSeconds: PAUSE_MS / 1000,
  });
}
