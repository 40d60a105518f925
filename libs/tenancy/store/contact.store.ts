import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { ContactNotFound } from '../model/tenant.errors.js';
import { changedMeanwhile } from './tenant.store.js';

export type ContactRow = Row<'contacts'>;
export type ContactRole = ContactRow['role'];
export const CONTACT_ROLES = [
  'management',
  'technical',
  'billing',
  'data_protection',
  'emergency',
  'other',
] as const satisfies readonly ContactRole[];

/** Somebody at a customer whom one calls or writes to. */
export interface Contact {
  readonly name: string;
  readonly role: ContactRole;
  readonly siteId: string | null;
  readonly mail: string | null;
  readonly phone: string | null;
  readonly language: 'de' | 'en' | null;
  /** The contact's ids in other systems, by the system's name. */
  readonly externalReferences: Readonly<Record<string, string>>;
}

/** A page of these tenants' contacts after a tenant and an id. */
export function listContacts(
  tx: Transaction,
  tenants: readonly string[],
  [tenant, id]: readonly [tenant: string, id: string],
  limit: number,
): Promise<ContactRow[]> {
  return tx
    .selectFrom('contacts')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, id) > (${tenant}, ${id}::uuid)`)
    .orderBy('tenant_id')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Throws `ContactNotFound`. */
export async function readContact(tx: Transaction, tenant: string, id: string): Promise<ContactRow> {
  const row = await tx
    .selectFrom('contacts')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new ContactNotFound(`${tenant} has no contact ${id}.`);
  return row;
}

export function insertContact(tx: Transaction, tenant: string, contact: Contact, by: string): Promise<ContactRow> {
  return tx
    .insertInto('contacts')
    .values({ tenant_id: tenant, id: newId(), ...columnsOf(contact), changed_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Replaces a contact that was at this version. Throws `ContactNotFound` or `ChangedMeanwhile`. */
export async function replaceContact(
  tx: Transaction,
  { tenant, id, version }: { readonly tenant: string; readonly id: string; readonly version: number },
  contact: Contact,
  by: string,
): Promise<ContactRow> {
  const row = await tx
    .updateTable('contacts')
    .set({ ...columnsOf(contact), changed_by: by, changed_at: sql<Date>`now()`, version: version + 1 })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  await readContact(tx, tenant, id);
  throw changedMeanwhile();
}

export async function deleteContact(tx: Transaction, tenant: string, id: string): Promise<void> {
  await tx.deleteFrom('contacts').where('tenant_id', '=', tenant).where('id', '=', id).execute();
}

function columnsOf({ name, role, siteId, mail, phone, language, externalReferences }: Contact) {
  return { name, role, site_id: siteId, mail, phone, language, external_references: json(externalReferences) };
}
