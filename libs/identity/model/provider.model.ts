import { CUSTOMER_ROLES, MSP_ROLES, type Role } from './roles.js';

/** Signature algorithms that a provider may be allowed: asymmetric ones only, so that a public key is never taken for a secret. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** For whom a group's members get a role: at home, or for customers of the MSP. */
export type Coverage = 'home' | 'all' | 'group' | 'tenant';

/** What the members of one of the issuer's groups may be. */
export interface GroupRole {
  /** As it stands in the claim. */
  readonly group: string;
  readonly role: Role;
  readonly covers: Coverage;
  /** The tenant group's or the customer's id; null for `home` and `all`. */
  readonly coversId: string | null;
}

/** What of an issuer's claims says what. */
export interface ClaimNames {
  /** Who somebody is, once and for ever; usually `sub`, with Entra ID `oid`. */
  readonly subject: string;
  readonly userName: string;
  readonly name: string;
  readonly mail: string;
  readonly groups: string;
}

/** Either of these in a token proves a second factor. */
export interface SecondFactorValues {
  readonly acr: readonly string[];
  readonly amr: readonly string[];
}

export interface ProviderSettings {
  readonly scopes: readonly string[];
  readonly claims: ClaimNames;
  readonly roles: readonly GroupRole[];
  readonly secondFactor: SecondFactorValues;
  readonly algorithms: readonly Algorithm[];
  /** Whether somebody who signs in for the first time becomes a person here. */
  readonly justInTime: boolean;
  /** A session ends after so many minutes without a call, and after so many hours in all. */
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
}

/** An issuer that people and machines of one tenant sign in at. */
export interface IdentityProvider {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** `secret://sign-in-…`; null for a client without a secret. */
  readonly secretRef: string | null;
  readonly mailDomains: readonly string[];
  /** What access tokens for our API are made out to; null: it takes none of this issuer. */
  readonly apiAudience: string | null;
  /** Tells this tenant's people from those of others at the same issuer. */
  readonly tenantClaim: { readonly name: string; readonly value: string } | null;
  readonly settings: ProviderSettings;
  readonly enabled: boolean;
}

export const DEFAULT_SETTINGS: ProviderSettings = {
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  claims: { subject: 'sub', userName: 'preferred_username', name: 'name', mail: 'email', groups: 'groups' },
  roles: [],
  secondFactor: { acr: [], amr: ['mfa'] },
  algorithms: ['RS256'],
  justInTime: true,
  sessionIdleMinutes: 60,
  sessionHours: 12,
};

/** Whether a mapping gives a role that exists for this kind of tenant, for whom it can be given. */
export function fitsTenant({ role, covers, coversId }: GroupRole, kind: 'msp' | 'customer'): boolean {
  if ((covers === 'group' || covers === 'tenant') !== (coversId !== null)) return false;
  if (kind === 'customer') return covers === 'home' && (CUSTOMER_ROLES as readonly string[]).includes(role);
  return covers !== 'home' && (MSP_ROLES as readonly string[]).includes(role);
}

/** The roles that somebody in these groups gets, each once. */
export function rolesOfGroups(mapping: readonly GroupRole[], groups: readonly string[]): GroupRole[] {
  const held = new Set(groups);
  const granted = mapping.filter(({ group }) => held.has(group));
  return [...new Map(granted.map((one) => [roleKey(one), one])).values()];
}

/** Names a grant apart from the group that it comes by. */
export function roleKey({ role, covers, coversId }: Pick<GroupRole, 'role' | 'covers' | 'coversId'>): string {
  return `${role}/${covers}/${coversId ?? ''}`;
}

/** Which provider an address is of. */
export type PlaceOfProvider = Pick<IdentityProvider, 'tenant' | 'name'>;

/** Where a provider sends browsers back to, below the public address: each to one of its own, so that no answer passes for another's. */
export function callbackPath({ tenant, name }: PlaceOfProvider): string {
  return `/v1/sign-in/callback/${encodeURIComponent(tenant)}/${encodeURIComponent(name)}`;
}
