import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { isUniqueViolation, type Row, type Transaction } from '#libs/platform/database';
import { SiteNameTaken, SiteNotFound } from '../model/tenant.errors.js';
import { changedMeanwhile } from './tenant.store.js';

export type SiteRow = Row<'sites'>;

/** A place of a customer's. */
export interface Site {
  readonly name: string;
  readonly street: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** IANA zone. */
  readonly timeZone: string;
}

/** A page of these tenants' sites after a tenant and an id. */
export function listSites(
  tx: Transaction,
  tenants: readonly string[],
  [tenant, id]: readonly [tenant: string, id: string],
  limit: number,
): Promise<SiteRow[]> {
  return tx
    .selectFrom('sites')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, id) > (${tenant}, ${id}::uuid)`)
    .orderBy('tenant_id')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Throws `SiteNotFound`. */
export async function readSite(tx: Transaction, tenant: string, id: string): Promise<SiteRow> {
  const row = await tx
    .selectFrom('sites')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new SiteNotFound(`${tenant} has no site ${id}.`);
  return row;
}

/** Throws `SiteNameTaken`. */
export function insertSite(tx: Transaction, tenant: string, site: Site, by: string): Promise<SiteRow> {
  return tx
    .insertInto('sites')
    .values({ tenant_id: tenant, id: newId(), ...columnsOf(site), changed_by: by })
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch(refuseTaken(site.name));
}

/** Replaces a site that was at this version. Throws `SiteNotFound`, `ChangedMeanwhile` or `SiteNameTaken`. */
export async function replaceSite(
  tx: Transaction,
  { tenant, id, version }: { readonly tenant: string; readonly id: string; readonly version: number },
  site: Site,
  by: string,
): Promise<SiteRow> {
  const row = await tx
    .updateTable('sites')
    .set({ ...columnsOf(site), changed_by: by, changed_at: sql<Date>`now()`, version: version + 1 })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
    .catch(refuseTaken(site.name));
  if (row) return row;
  await readSite(tx, tenant, id);
  throw changedMeanwhile();
}

/** Whether a contact belongs to the site. */
export async function isSiteInUse(tx: Transaction, tenant: string, id: string): Promise<boolean> {
  const found = await tx
    .selectFrom('contacts')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('site_id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

export async function deleteSite(tx: Transaction, tenant: string, id: string): Promise<void> {
  await tx.deleteFrom('sites').where('tenant_id', '=', tenant).where('id', '=', id).execute();
}

function columnsOf({ name, street, postalCode, city, country, timeZone }: Site) {
  return { name, street, postal_code: postalCode, city, country, time_zone: timeZone };
}

function refuseTaken(name: string) {
  return (error: unknown): never => {
    if (!isUniqueViolation(error, 'sites_by_name')) throw error;
    throw new SiteNameTaken(`There is a site ${name}. Take another name, or change that one.`);
  };
}
