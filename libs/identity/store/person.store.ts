import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import type { Profile } from '../model/claims.model.js';
import { roleKey, type GroupRole, type IdentityProvider } from '../model/provider.model.js';

/** A person as sign-in knows it. */
export interface KnownPerson {
  readonly id: string;
  readonly subject: string;
  readonly status: 'active' | 'locked' | 'closed';
}

/** What changed of somebody's roles. */
export interface RoleChanges {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** How a tenant stands for whoever wants in: null lets in; `leaving`: only who fetches the handover. */
export type TenantStanding = 'suspended' | 'leaving' | 'left' | null;

/** Of a customer that leaves, the one role that is still let in. */
export const FETCHES_HANDOVER = 'customer_admin';

/** The kind of a tenant, and how it stands now. */
export async function standingOf(
  tx: Transaction,
  tenant: string,
): Promise<{ readonly kind: 'msp' | 'customer'; readonly standing: TenantStanding }> {
  const { rows } = await sql<{ kind: 'msp' | 'customer'; standing: TenantStanding }>`
    SELECT kind, standing_of_tenant(id, status) AS standing FROM tenants WHERE id = ${tenant}`.execute(tx);
  return rows[0]!;
}

/** The person that somebody is at this issuer, locked against a second sign-in at the same time. */
export async function findByIdentity(
  tx: Transaction,
  { tenant, id }: Pick<IdentityProvider, 'tenant' | 'id'>,
  subject: string,
): Promise<KnownPerson | null> {
  const person = await tx
    .selectFrom('person_identities as i')
    .innerJoin('people as p', (join) => join.onRef('p.tenant_id', '=', 'i.tenant_id').onRef('p.id', '=', 'i.person_id'))
    .select(['p.id', 'p.subject', 'p.status'])
    .where('i.tenant_id', '=', tenant)
    .where('i.provider_id', '=', id)
    .where('i.subject', '=', subject)
    .forUpdate('p')
    .executeTakeFirst();
  return person ?? null;
}

/** Makes a person of somebody who signs in for the first time; null when the name is somebody else's here, or was a key's. */
export async function makePerson(
  tx: Transaction,
  provider: Pick<IdentityProvider, 'tenant' | 'id'>,
  profile: Profile,
): Promise<KnownPerson | null> {
  const { tenant } = provider;
  const id = newId();
  const subject = `${profile.userName}@${tenant}`;
  if (await isNameOfKey(tx, tenant, subject)) return null;
  const made = await tx
    .insertInto('people')
    .values({
      tenant_id: tenant,
      id,
      subject,
      display_name: profile.displayName,
      mail: profile.mail,
      language: profile.language,
      source: 'issuer',
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) return null;
  const identity = { tenant_id: tenant, provider_id: provider.id, subject: profile.subject, person_id: id };
  await tx.insertInto('person_identities').values(identity).execute();
  return { id, subject, status: 'active' };
}

/** Histories and policies know whoever had a key by its name: who comes later is not them, also when it is over. */
export async function isNameOfKey(tx: Transaction, tenant: string, subject: string): Promise<boolean> {
  const key = await tx
    .selectFrom('api_keys')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where(sql<boolean>`lower(subject) = ${subject.toLowerCase()}`)
    .limit(1)
    .executeTakeFirst();
  return key !== undefined;
}

/** Takes over what the issuer says of a person now. Where it no longer vouches for an address, the one that it vouched for stays. */
export async function refreshPerson(
  tx: Transaction,
  provider: Pick<IdentityProvider, 'tenant' | 'id'>,
  personId: string,
  profile: Profile,
): Promise<void> {
  await tx
    .updateTable('people')
    .set({
      display_name: profile.displayName,
      mail: profile.mail ?? sql`mail`,
      language: profile.language ?? sql`language`,
    })
    .where('tenant_id', '=', provider.tenant)
    .where('id', '=', personId)
    .execute();
  await tx
    .updateTable('person_identities')
    .set({ last_sign_in_at: sql<Date>`now()` })
    .where('tenant_id', '=', provider.tenant)
    .where('provider_id', '=', provider.id)
    .where('subject', '=', profile.subject)
    .execute();
}

/** Whether somebody has a role by a group that they are no longer in. */
export async function hasLostGroup(
  tx: Transaction,
  tenant: string,
  personId: string,
  roles: readonly GroupRole[],
): Promise<boolean> {
  const wanted = new Set(roles.map(roleKey));
  const held = await heldByClaim(tx, tenant, personId);
  return held.some((row) => !wanted.has(keyOf(row)));
}

/** Makes the roles that come by groups the ones given here; roles that people granted stay. */
export async function setClaimRoles(
  tx: Transaction,
  { tenant, name }: Pick<IdentityProvider, 'tenant' | 'name'>,
  personId: string,
  roles: readonly GroupRole[],
): Promise<RoleChanges> {
  const held = await heldByClaim(tx, tenant, personId);
  const wanted = new Map(roles.map((role) => [roleKey(role), role]));
  const kept = new Map(held.map((row) => [keyOf(row), row]));
  const lost = held.filter((row) => !wanted.has(keyOf(row)));
  const gained = [...wanted].filter(([key]) => !kept.has(key));
  const by = `issuer:${name}`;
  if (lost.length > 0) await endGrants(tx, tenant, lost, by);
  if (gained.length > 0) {
    const base = { tenant_id: tenant, person_id: personId, source: 'claim', granted_by: by } as const;
    const rows = gained.map(([, { role, covers, coversId }]) => ({
      ...base,
      id: newId(),
      role,
      covers,
      covers_id: coversId,
    }));
    await tx.insertInto('role_grants').values(rows).execute();
  }
  return { gained: gained.map(([key]) => key), lost: lost.map(keyOf) };
}

/** Whether somebody has this role, or any, by whatever way. */
export async function hasRole(tx: Transaction, tenant: string, personId: string, role?: string): Promise<boolean> {
  const grant = await tx
    .selectFrom('role_grants')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .$if(role !== undefined, (query) => query.where('role', '=', role!))
    .limit(1)
    .executeTakeFirst();
  return grant !== undefined;
}

interface HeldGrant {
  readonly id: string;
  readonly role: string;
  readonly covers: 'home' | 'all' | 'group' | 'tenant';
  readonly covers_id: string | null;
}

function heldByClaim(tx: Transaction, tenant: string, personId: string): Promise<HeldGrant[]> {
  return tx
    .selectFrom('role_grants')
    .select(['id', 'role', 'covers', 'covers_id'])
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where('source', '=', 'claim')
    .where('ended_at', 'is', null)
    .execute();
}

function keyOf({ role, covers, covers_id: coversId }: HeldGrant): string {
  return roleKey({ role: role as GroupRole['role'], covers, coversId });
}

async function endGrants(tx: Transaction, tenant: string, grants: readonly HeldGrant[], by: string): Promise<void> {
  await tx
    .updateTable('role_grants')
    .set({ ended_at: sql<Date>`now()`, ended_by: by })
    .where('tenant_id', '=', tenant)
    .where(
      'id',
      'in',
      grants.map(({ id }) => id),
    )
    .execute();
}

/** Ends every role that somebody has, whoever gave it. Gives them, each once. */
export async function endGrantsOf(
  tx: Transaction,
  { tenant, personId }: { readonly tenant: string; readonly personId: string },
  by: string,
): Promise<string[]> {
  const ended = await tx
    .updateTable('role_grants')
    .set({ ended_at: sql<Date>`now()`, ended_by: by })
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .returning('role')
    .execute();
  return [...new Set(ended.map(({ role }) => role))].sort();
}

/** A person as they are shown. */
export interface ShownPerson {
  readonly tenant: string;
  readonly id: string;
  readonly subject: string;
  readonly displayName: string;
  readonly mail: string | null;
  readonly language: 'de' | 'en' | null;
}

/** The person of this id, in one of the tenants. */
export function findPerson(tx: Transaction, tenants: readonly string[], id: string): Promise<ShownPerson | undefined> {
  return people(tx).where('tenant_id', 'in', tenants).where('id', '=', id).executeTakeFirst();
}

/** The person whose name in histories this is. */
export function findPersonOfSubject(
  tx: Transaction,
  tenant: string,
  subject: string,
): Promise<ShownPerson | undefined> {
  return people(tx)
    .where('tenant_id', '=', tenant)
    .where(sql<boolean>`lower(subject) = ${subject.toLowerCase()}`)
    .executeTakeFirst();
}

function people(tx: Transaction) {
  return tx
    .selectFrom('people')
    .select(['tenant_id as tenant', 'id', 'subject', 'display_name as displayName', 'mail', 'language']);
}
