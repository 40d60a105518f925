import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Database, type Row, type Transaction } from '#libs/platform/database';
import type { IdentityProvider, ProviderSettings } from '../model/provider.model.js';

/** A provider as it is shown: with who saved it when. */
export interface StoredProvider extends IdentityProvider {
  readonly setBy: string;
  readonly setAt: Date;
}

/** A provider as somebody saves it; its name says which. */
export type ProviderToSave = Omit<IdentityProvider, 'id'> & { readonly setBy: string };

/** What a sign-in names: exactly one of them is given. */
export interface ProviderHint {
  readonly id?: string | undefined;
  readonly tenant?: string | undefined;
  readonly mailDomain?: string | undefined;
}

/** The one provider that fits, asked before the tenant is known; null when none does or several do. */
export async function findProviderOf(
  database: Database,
  { id, tenant, mailDomain }: ProviderHint,
): Promise<{ readonly tenant: string; readonly id: string } | null> {
  const { rows } = await sql<{ tenant: string; id: string }>`
    SELECT tenant_id AS tenant, id FROM provider_of_sign_in(${id ?? null}::uuid, ${tenant ?? null}, ${mailDomain ?? null}) LIMIT 2`.execute(
    database,
  );
  return rows.length === 1 ? rows[0]! : null;
}

/** The enabled providers of these issuers, of every tenant. */
export async function providersOfIssuers(database: Database, issuers: readonly string[]): Promise<IdentityProvider[]> {
  const { rows } = await sql<Row<'identity_providers'>>`SELECT * FROM providers_of_issuers(${issuers}::text[])`.execute(
    database,
  );
  return rows.map(toProvider);
}

export async function findProvider(tx: Transaction, tenant: string, id: string): Promise<StoredProvider | null> {
  const row = await tx
    .selectFrom('identity_providers')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toProvider(row) : null;
}

export async function findProviderByName(
  tx: Transaction,
  tenant: string,
  name: string,
): Promise<StoredProvider | null> {
  const row = await tx
    .selectFrom('identity_providers')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  return row ? toProvider(row) : null;
}

/** One page of providers, by tenant and name, after a place. */
export async function listProviders(
  tx: Transaction,
  tenants: readonly string[],
  [tenant, name]: readonly [string, string],
  limit: number,
): Promise<StoredProvider[]> {
  const rows = await tx
    .selectFrom('identity_providers')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, name) > (${tenant}, ${name})`)
    .orderBy('tenant_id')
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(toProvider);
}

/**
 * What of a provider another one has already, of whatever tenant: the issuer (unless one claim tells both tenants' people
 * apart) or a mail domain. Whoever asks next waits for the end of the transaction.
 */
export async function conflictOf(tx: Transaction, provider: ProviderToSave): Promise<'issuer' | 'mail_domain' | null> {
  const { tenant, name, issuer, tenantClaim, mailDomains } = provider;
  const { rows } = await sql<{ conflict: 'issuer' | 'mail_domain' | null }>`
    SELECT conflict_of_provider(${tenant}, ${name}, ${issuer}, ${tenantClaim?.name ?? null}, ${tenantClaim?.value ?? null}, ${mailDomains}::text[]) AS conflict`.execute(
    tx,
  );
  return rows[0]!.conflict;
}

/** Makes a provider, or replaces the one of this name. */
export async function saveProvider(tx: Transaction, provider: ProviderToSave): Promise<StoredProvider> {
  const { tenant, name, tenantClaim, settings } = provider;
  const values = {
    issuer: provider.issuer,
    client_id: provider.clientId,
    secret_ref: provider.secretRef,
    mail_domains: [...provider.mailDomains],
    api_audience: provider.apiAudience,
    tenant_claim: tenantClaim?.name ?? null,
    tenant_claim_value: tenantClaim?.value ?? null,
    settings: json(settings),
    enabled: provider.enabled,
    set_by: provider.setBy,
    set_at: sql<Date>`now()`,
  };
  const row = await tx
    .insertInto('identity_providers')
    .values({ tenant_id: tenant, id: newId(), name, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
  return toProvider(row);
}

/** Those of the ids that are groups of customers. */
export async function knownGroups(tx: Transaction, tenant: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM tenant_groups WHERE tenant_id = ${tenant} AND id::text = ANY (${ids}::text[])`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

function toProvider(row: Row<'identity_providers'>): StoredProvider {
  const { tenant_claim: name, tenant_claim_value: value } = row;
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    secretRef: row.secret_ref,
    mailDomains: row.mail_domains,
    apiAudience: row.api_audience,
    tenantClaim: name === null || value === null ? null : { name, value },
    settings: row.settings as ProviderSettings,
    enabled: row.enabled,
    setBy: row.set_by,
    setAt: row.set_at,
  };
}
