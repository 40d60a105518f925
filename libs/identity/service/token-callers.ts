import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { sql } from 'kysely';
import { AppError, systemClock } from '#libs/kernel';
import { isHeld, withinMaker, type Maker, type RoleGrant } from '#libs/platform/access';
import { Gathering, inTenants, type Database, type Reply } from '#libs/platform/database';
import { groupsOf, hasSecondFactor, isOfTenant, subjectOf } from '../model/claims.model.js';
import { SecondFactorMissing, TokenInvalid } from '../model/identity.errors.js';
import { rolesOfGroups, type IdentityProvider } from '../model/provider.model.js';
import { hasLostGroup } from '../store/person.store.js';
import { providersOfIssuers } from '../store/provider.store.js';
import type { Issuers } from './issuers.js';

const LARGEST_TOKEN = 8_192;
const SKEW_SECONDS = 30;
const MOST_AT_ONCE = 100;
const NOTE_MS = 60_000;
/** Types of access tokens: RFC 9068, and what issuers wrote before it. */
const TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

/** Who a token is of. */
export interface TokenHolder {
  readonly id: string;
  readonly tenant_id: string;
  readonly tenant_kind: 'msp' | 'customer';
  readonly subject: string;
  readonly grants: readonly RoleGrant[];
  readonly scopes: readonly string[] | null;
  readonly machine: boolean;
  /** How the tenant stands; null lets in. */
  readonly refusal: 'suspended' | 'leaving' | 'left' | null;
  readonly secondFactor: boolean;
}

type Found = Omit<TokenHolder, 'secondFactor'> & { readonly maker: Maker };

interface Question {
  readonly tenant: string;
  readonly provider: string;
  readonly subject: string;
  readonly token_subject: string;
  readonly client: string | null;
}

/** What a machine may do: no more than whoever entered it may now. Throws `TokenInvalid` when nothing is left. */
function grantsLeft({ tenant_kind: kind, grants, scopes, maker }: Found): readonly RoleGrant[] {
  const left = withinMaker({ kind, grants, scopes }, maker);
  if (!isHeld(grants, left)) return left;
  throw new TokenInvalid(
    'The machine is held: whoever entered it may no longer do what it does. An administrator enters it anew.',
  );
}

/** Finds out whose access token of an issuer it is: a person that has signed in here, or a machine that was entered. */
export class TokenCallers {
  private readonly issuerLookUps: Gathering<string, readonly IdentityProvider[]>;
  private readonly holderLookUps: Gathering<Question, Found | undefined>;
  private readonly notedAt = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
  ) {
    this.issuerLookUps = new Gathering({ most: MOST_AT_ONCE }, (asked) => this.findProviders(asked));
    this.holderLookUps = new Gathering({ most: MOST_AT_ONCE }, (asked) => this.findHolders(asked));
  }

  /** The holder of a token. Throws `TokenInvalid`, `SecondFactorMissing` or `IssuerUnavailable`. */
  async holderOf(token: string): Promise<TokenHolder> {
    const claimed = readUnverified(token);
    const candidates = await this.issuerLookUps.ask(claimed.iss);
    // what the claims say is only believed once the signature holds; here it chooses whose rules to check by
    const provider = candidates.find((one) => one.apiAudience !== null && isOfTenant(one, claimed));
    if (!provider) throw invalid();
    const claims = await this.verify(token, provider);
    const subject = subjectOf(provider, claims);
    if (subject === null || typeof claims.sub !== 'string') throw invalid();
    const found = await this.holderLookUps.ask({
      tenant: provider.tenant,
      provider: provider.id,
      subject,
      token_subject: claims.sub,
      client: clientOf(claims),
    });
    if (!found) throw new TokenInvalid('The token is sound, but nobody here goes by it. Sign in once in a browser.');
    const secondFactor = !found.machine && hasSecondFactor(provider, claims);
    if (found.tenant_kind === 'msp' && !found.machine && !secondFactor)
      throw new SecondFactorMissing('People of the MSP need a token that was got with a second factor.');
    if (found.machine) this.note(found.id);
    else await this.requireGroupsStand(provider, found, groupsOf(claims[provider.settings.claims.groups]));
    return { ...found, grants: grantsLeft(found), secondFactor };
  }

  /** Roles by groups are those of the last sign-in; a token that tells of groups itself is newer. Throws `TokenInvalid`. */
  private async requireGroupsStand(
    { tenant, settings }: IdentityProvider,
    { id }: Found,
    groups: readonly string[] | null,
  ): Promise<void> {
    if (groups === null) return;
    const roles = rolesOfGroups(settings.roles, groups);
    const hasLost = await inTenants(this.database, [tenant], (tx) => hasLostGroup(tx, tenant, id, roles));
    if (hasLost)
      throw new TokenInvalid('Your groups have changed since you last signed in. Sign in once in a browser.');
  }

  private async verify(token: string, provider: IdentityProvider): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, await this.issuers.keys(provider), {
        issuer: provider.issuer,
        audience: provider.apiAudience!,
        algorithms: [...provider.settings.algorithms],
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      if (!isOfTenant(provider, payload)) throw invalid();
      return payload;
    } catch (cause) {
      throw cause instanceof AppError ? cause : invalid(cause);
    }
  }

  private async findProviders(issuers: readonly string[]): Promise<Reply<readonly IdentityProvider[]>[]> {
    const found = await providersOfIssuers(this.database, [...new Set(issuers)]);
    return issuers.map((issuer) => ({ answer: found.filter((provider) => provider.issuer === issuer) }));
  }

  private async findHolders(questions: readonly Question[]): Promise<Reply<Found | undefined>[]> {
    const asked = JSON.stringify(questions.map((question, place) => ({ place, ...question })));
    const { rows } = await sql<Found & { place: number }>`
      SELECT c.*, CASE WHEN c.machine THEN rights_behind_machine(c.tenant_id, c.id) END AS maker
      FROM callers_by_token(${asked}::jsonb) c`.execute(this.database);
    const found = new Map<number, Found | undefined>();
    // a token that two hold is nobody's
    for (const row of rows) found.set(row.place, found.has(row.place) ? undefined : row);
    return questions.map((_, place) => ({ answer: found.get(place) }));
  }

  private note(id: string): void {
    const now = systemClock.now().getTime();
    if (now - (this.notedAt.get(id) ?? -Infinity) < NOTE_MS) return;
    this.notedAt.set(id, now);
    sql`SELECT note_machines_used(ARRAY[${id}]::uuid[])`.execute(this.database).catch(() => this.notedAt.delete(id));
  }
}

/** Header and claims as they stand in a token, checked for nothing but their form and type. */
function readUnverified(token: string): JWTPayload & { readonly iss: string } {
  if (token.length > LARGEST_TOKEN) throw invalid();
  try {
    const { typ } = decodeProtectedHeader(token);
    const claims = decodeJwt(token);
    if (typ !== undefined && !TYPES.has(String(typ).toLowerCase())) throw invalid();
    if (typeof claims.iss !== 'string') throw invalid();
    return { ...claims, iss: claims.iss };
  } catch (cause) {
    throw cause instanceof TokenInvalid ? cause : invalid(cause);
  }
}

/** The client that a token was given to, by the names that issuers use (RFC 9068; `azp`, `appid`). */
function clientOf(claims: JWTPayload): string | null {
  const client = claims['client_id'] ?? claims['azp'] ?? claims['appid'];
  return typeof client === 'string' ? client : null;
}

function invalid(cause?: unknown): TokenInvalid {
  return new TokenInvalid(
    'It is expired, not made for this API, or not from an issuer that is known here. Get a new one.',
    { cause },
  );
}
