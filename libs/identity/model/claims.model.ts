import type { IdentityProvider } from './provider.model.js';

/** Claims of an ID token, of the userinfo endpoint or of an access token: nothing in them is sure to be there. */
export type Claims = Readonly<Record<string, unknown>>;

/** What an issuer says of somebody. */
export interface Profile {
  readonly subject: string;
  /** The local part of the subject that the person gets here, e.g. `jana.keller`. */
  readonly userName: string;
  readonly displayName: string;
  readonly mail: string | null;
  readonly language: 'de' | 'en' | null;
  /** Null when the issuer said nothing of groups, which is not the same as none. */
  readonly groups: readonly string[] | null;
  readonly secondFactor: boolean;
}

const LONGEST_NAME = 200;
const LONGEST_SUBJECT = 255;

/** Whether claims are of the tenant that the provider belongs to, where its issuer serves several. */
export function isOfTenant({ tenantClaim }: Pick<IdentityProvider, 'tenantClaim'>, claims: Claims): boolean {
  return tenantClaim === null || claims[tenantClaim.name] === tenantClaim.value;
}

/** Who somebody is at the issuer; null when the claim is missing or no text that could be a name. */
export function subjectOf({ settings }: Pick<IdentityProvider, 'settings'>, claims: Claims): string | null {
  const subject = claims[settings.claims.subject];
  return typeof subject === 'string' && subject !== '' && subject.length <= LONGEST_SUBJECT ? subject : null;
}

/** Whether the issuer vouches for a second factor. */
export function hasSecondFactor({ settings }: Pick<IdentityProvider, 'settings'>, claims: Claims): boolean {
  const { acr, amr } = settings.secondFactor;
  const shown = Array.isArray(claims['amr']) ? (claims['amr'] as unknown[]) : [];
  return (typeof claims['acr'] === 'string' && acr.includes(claims['acr'])) || amr.some((one) => shown.includes(one));
}

/** Reads what an issuer says; null when it does not say who it is about. */
export function readProfile(provider: Pick<IdentityProvider, 'settings'>, claims: Claims): Profile | null {
  const subject = subjectOf(provider, claims);
  if (subject === null) return null;
  const names = provider.settings.claims;
  // what the issuer itself calls unverified is only what somebody typed in
  const mail = claims['email_verified'] === false ? null : line(claims[names.mail]);
  const userName = userNameOf(line(claims[names.userName]) ?? mail ?? subject);
  return {
    subject,
    userName,
    displayName: line(claims[names.name]) ?? userName,
    mail: mail !== null && /^[^\s@]+@[^\s@]+$/.test(mail) ? mail : null,
    language: languageOf(claims['locale']),
    groups: groupsOf(claims[names.groups]),
    secondFactor: hasSecondFactor(provider, claims),
  };
}

/**
 * A login name as subjects are made of: without domain, lower case, nothing but letters, digits, dot, hyphen, underscore.
 * Nobody is called as machines' keys are (`key.…`).
 */
export function userNameOf(text: string): string {
  const local = text.split('@')[0]!.toLowerCase();
  const plain = local
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .replace(/^key\./, 'key-');
  return plain === '' ? 'person' : plain.slice(0, 100);
}

function line(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return text === '' ? null : text.slice(0, LONGEST_NAME);
}

function languageOf(value: unknown): 'de' | 'en' | null {
  if (typeof value !== 'string') return null;
  const language = value.slice(0, 2).toLowerCase();
  return language === 'de' || language === 'en' ? language : null;
}

/** The groups that an issuer tells of; null where it tells nothing of them, which is not the same as none. */
export function groupsOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
}
