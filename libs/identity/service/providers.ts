import { AppError } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { DestinationNotAllowed } from '#libs/platform/outgoing';
import { IdentityProviderNotFound, IdentityProviderRefused, IdentityProviderTaken } from '../model/identity.errors.js';
import { fitsTenant, type GroupRole, type IdentityProvider } from '../model/provider.model.js';
import {
  conflictOf,
  findProviderByName,
  knownGroups,
  saveProvider,
  type ProviderToSave,
  type StoredProvider,
} from '../store/provider.store.js';
import { isOnLoopback, type Issuers } from './issuers.js';
import type { Sessions } from './sessions.js';
import { SIGN_IN_SECRET } from './sign-in-secrets.js';

/** Throws unless whoever saves a provider may hand out the role of a group, in a tenant of this kind. */
export type JudgeRole = (tx: Transaction, kind: 'msp' | 'customer', role: GroupRole) => Promise<void>;

/** Saves identity providers: what is accepted works, or is refused. */
export class Providers {
  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Makes a provider or replaces the one of this name; roles are given for groups of customers, and for the `customers` that
   * whoever saves it has a role for; sessions that came by it end when it no longer lets in.
   * Throws `IdentityProviderRefused`, `IdentityProviderTaken`, or what `judge` throws of a role that somebody new may get.
   */
  async save(provider: ProviderToSave, customers: readonly string[], judge: JudgeRole): Promise<StoredProvider> {
    requireForm(provider);
    // switching one off must not depend on an issuer that is away
    if (provider.enabled) await this.requireIssuer(provider);
    return inTenants(this.database, [provider.tenant], (tx) => this.put(tx, provider, customers, judge));
  }

  private async put(
    tx: Transaction,
    provider: ProviderToSave,
    customers: readonly string[],
    judge: JudgeRole,
  ): Promise<StoredProvider> {
    const { tenant, name } = provider;
    const kind = await requireRoles(tx, provider, customers);
    await requirePlace(tx, provider);
    const before = await findProviderByName(tx, tenant, name);
    if (before) requireSamePeople(before, provider);
    for (const role of rolesAnew(before, provider)) await judge(tx, kind, role);
    const saved = await saveProvider(tx, provider);
    if (before && !letsInAlike(before, saved))
      await this.sessions.end(tx, { tenant, providerId: saved.id }, provider.setBy, 'revoked');
    await appendAudit(tx, tenant, {
      action: before ? 'identity_provider.changed' : 'identity_provider.created',
      actor: provider.setBy,
      object: { kind: 'identity_provider', id: saved.id },
      ...(before ? { before: onRecord(before) } : {}),
      after: onRecord(saved),
    });
    return saved;
  }

  private async requireIssuer({ tenant, issuer, settings }: ProviderToSave): Promise<void> {
    const metadata = await this.issuers.reread({ tenant, issuer }).catch((error: unknown) => {
      return refuse('issuer', `No issuer answers at ${issuer}.${whyNot(error)}`, error);
    });
    const { response_types_supported: types, code_challenge_methods_supported: challenges } = metadata;
    if (types && !types.includes('code')) refuse('issuer', 'It has no authorization code.');
    if (challenges && !challenges.includes('S256')) refuse('issuer', 'It has no PKCE with S256.');
    const signs = metadata.id_token_signing_alg_values_supported;
    if (signs && !signs.some((one) => (settings.algorithms as readonly string[]).includes(one)))
      refuse('algorithms', `It signs by ${signs.join(', ')}. Allow one of them that is asymmetric.`);
  }
}

/** What lies at the bottom of it: a way that nobody opened is said with the act that opens it. */
function whyNot(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DestinationNotAllowed) return ` The way there is not open. ${cause.act}`;
  return error instanceof AppError && error.cause instanceof Error ? ` ${error.cause.message}` : '';
}

function requireForm({ issuer, secretRef, apiAudience, clientId }: ProviderToSave): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isBare = url !== null && url.search + url.hash + url.username + url.password === '' && !/[?#]/.test(issuer);
  if (!isBare || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isOnLoopback(issuer))))
    refuse('issuer', 'An issuer is an https address without query, fragment or login.');
  if (secretRef !== null && !SIGN_IN_SECRET.test(secretRef))
    refuse('secretRef', 'It must be secret://sign-in-…: other secrets are never sent to an issuer.');
  if (apiAudience === clientId)
    refuse('apiAudience', 'It must differ from clientId, else ID tokens would pass for access tokens.');
}

async function requireRoles(
  tx: Transaction,
  { tenant, settings }: ProviderToSave,
  customers: readonly string[],
): Promise<'msp' | 'customer'> {
  const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
  const unfit = settings.roles.findIndex((role) => !fitsTenant(role, kind));
  if (unfit !== -1) refuse(`roles.${unfit}`, 'This role cannot be had there: look at role, covers and coversId.');
  const { acr, amr } = settings.secondFactor;
  if (kind === 'msp' && acr.length + amr.length === 0)
    refuse('secondFactor', 'People of the MSP need a second factor: say which acr or amr proves it.');
  const groups = await knownGroups(
    tx,
    tenant,
    settings.roles.flatMap(({ covers, coversId }) => (covers === 'group' ? coversId! : [])),
  );
  const known = ({ covers, coversId }: GroupRole): boolean =>
    coversId === null || (covers === 'group' ? groups.has(coversId) : customers.includes(coversId));
  const missing = settings.roles.findIndex((role) => !known(role));
  if (missing !== -1) refuse(`roles.${missing}.coversId`, 'There is no such group or customer.');
  return kind;
}

/** The roles that somebody may get who did not before: what was mapped and is read of the same claims stays as it is. */
function rolesAnew(before: IdentityProvider | null, { settings, tenantClaim, enabled }: ProviderToSave) {
  if (!enabled) return [];
  const readAlike =
    before?.enabled === true &&
    before.settings.claims.groups === settings.claims.groups &&
    before.tenantClaim?.name === tenantClaim?.name &&
    before.tenantClaim?.value === tenantClaim?.value;
  if (!readAlike) return settings.roles;
  const same = (a: GroupRole, b: GroupRole): boolean =>
    a.group === b.group && a.role === b.role && a.covers === b.covers && a.coversId === b.coversId;
  return settings.roles.filter((role) => !before.settings.roles.some((kept) => same(kept, role)));
}

async function requirePlace(tx: Transaction, provider: ProviderToSave): Promise<void> {
  const conflict = await conflictOf(tx, provider);
  if (conflict === 'issuer')
    throw new IdentityProviderTaken(
      'This issuer is in use. Where one issuer serves several tenants, each of its providers needs the same tenantClaim with a value of its own.',
    );
  if (conflict === 'mail_domain') throw new IdentityProviderTaken('One of the mail domains leads to another provider.');
}

/** Who somebody is hangs on the issuer and the claim: under others, their names could be somebody else's. */
function requireSamePeople(before: IdentityProvider, after: ProviderToSave): void {
  if (before.issuer !== after.issuer) refuse('issuer', 'It cannot be changed. Make a provider of another name.');
  if (before.settings.claims.subject !== after.settings.claims.subject)
    refuse('claims.subject', 'It cannot be changed. Make a provider of another name.');
}

function letsInAlike(before: IdentityProvider, after: IdentityProvider): boolean {
  const same = (a: IdentityProvider['tenantClaim'], b: IdentityProvider['tenantClaim']): boolean =>
    a?.name === b?.name && a?.value === b?.value;
  return after.enabled && before.clientId === after.clientId && same(before.tenantClaim, after.tenantClaim);
}

function onRecord({
  name,
  issuer,
  clientId,
  secretRef,
  mailDomains,
  apiAudience,
  tenantClaim,
  settings,
  enabled,
}: StoredProvider) {
  const { roles, ...others } = settings;
  const lists = {
    mailDomains: [...mailDomains],
    roles: roles.map((role) => ({ ...role })),
    settings: JSON.parse(JSON.stringify(others)) as Record<string, string>,
  };
  const claim = tenantClaim === null ? null : { ...tenantClaim };
  return { name, issuer, clientId, secretRef, apiAudience, tenantClaim: claim, enabled, ...lists };
}

function refuse(path: string, message: string, cause?: unknown): never {
  throw new IdentityProviderRefused(message, { cause, errors: [{ path, code: 'refused', message }] });
}

/** The provider of a name. Throws `IdentityProviderNotFound`. */
export async function requireProvider(tx: Transaction, tenant: string, name: string): Promise<StoredProvider> {
  const provider = await findProviderByName(tx, tenant, name);
  if (!provider) throw new IdentityProviderNotFound(`${tenant} has no identity provider ${name}.`);
  return provider;
}
