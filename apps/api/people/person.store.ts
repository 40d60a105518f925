import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';
import type { Place } from '../http/cursor.js';

export type PersonRow = Row<'people'> & {
  /** Microseconds since 1970. */
  readonly place: number;
  /** Of an emergency account: when it let somebody in. */
  readonly emergency_used_at: Date | null;
};
export type GrantRow = Row<'role_grants'>;

function people(tx: Transaction) {
  return tx
    .selectFrom('people')
    .selectAll()
    .select(sql<number>`(extract(epoch FROM created_at) * 1000000)::bigint`.as('place'))
    .select((row) =>
      row
        .selectFrom('alarms as a')
        .select((alarm) => alarm.fn.max('a.raised_at').as('at'))
        .whereRef('a.tenant_id', '=', 'people.tenant_id')
        .whereRef('a.person_id', '=', 'people.id')
        .where('a.kind', '=', 'emergency_account.used')
        .as('emergency_used_at'),
    );
}

/** The newest first. */
export function listPeople(
  tx: Transaction,
  { tenants, after, limit }: { tenants: readonly string[]; after: Place | null; limit: number },
): Promise<PersonRow[]> {
  return people(tx)
    .where('tenant_id', 'in', tenants)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (to_timestamp(${after!.at}::numeric / 1000000), ${after!.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export function findPerson(tx: Transaction, tenants: readonly string[], id: string): Promise<PersonRow | undefined> {
  return people(tx).where('tenant_id', 'in', tenants).where('id', '=', id).executeTakeFirst();
}

/** Keeps others from changing people and roles of this tenant until the transaction ends. */
export async function lockPeopleOf(tx: Transaction, tenant: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['people', tenant])}, 0))`.execute(tx);
}

/** Grants in force of these people. */
export function grantsOf(tx: Transaction, persons: readonly PersonRow[]): Promise<GrantRow[]> {
  if (persons.length === 0) return Promise.resolve([]);
  return tx
    .selectFrom('role_grants')
    .selectAll()
    .where('tenant_id', 'in', [...new Set(persons.map((person) => person.tenant_id))])
    .where(
      'person_id',
      'in',
      persons.map((person) => person.id),
    )
    .where('ended_at', 'is', null)
    .orderBy('granted_at')
    .orderBy('id')
    .execute();
}

export type NewGrant = Pick<GrantRow, 'role' | 'covers' | 'covers_id'> & { readonly grantedBy: string };

/** The grant in force; one that is there already stays as it is. */
export async function insertGrant(
  tx: Transaction,
  { tenant_id, id: person_id }: PersonRow,
  { grantedBy, ...grant }: NewGrant,
): Promise<{ row: GrantRow; isNew: boolean }> {
  const id = newId();
  const row = { ...grant, tenant_id, id, person_id, source: 'manual' as const, granted_by: grantedBy };
  await tx
    .insertInto('role_grants')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await tx
    .selectFrom('role_grants')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('person_id', '=', person_id)
    .where('role', '=', grant.role)
    .where('covers', '=', grant.covers)
    .where(sql<boolean>`covers_id IS NOT DISTINCT FROM ${grant.covers_id}`)
    .where('source', '=', 'manual')
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return { row: kept, isNew: kept.id === id };
}

export async function endGrant(tx: Transaction, { tenant_id: tenant, id }: GrantRow, by: string): Promise<void> {
  await tx
    .updateTable('role_grants')
    .set({ ended_at: sql<Date>`now()`, ended_by: by })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

export async function setPersonStatus(
  tx: Transaction,
  { tenant_id: tenant, id }: PersonRow,
  status: 'active' | 'locked',
): Promise<void> {
  await tx.updateTable('people').set({ status }).where('tenant_id', '=', tenant).where('id', '=', id).execute();
}

/** Whether another owner for all customers could sign in without this one's help. */
export async function hasOtherOwnerWithWayIn(tx: Transaction, { tenant_id: tenant, id }: PersonRow): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM people p
    WHERE p.tenant_id = ${tenant} AND p.id <> ${id} AND p.status = 'active' AND p.source <> 'emergency' AND EXISTS (
        SELECT FROM role_grants g WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id AND g.role = 'owner'
          AND g.covers = 'all' AND g.ended_at IS NULL)
      AND (EXISTS (SELECT FROM passkeys k WHERE k.tenant_id = p.tenant_id AND k.person_id = p.id)
        OR EXISTS (SELECT FROM person_identities i WHERE i.tenant_id = p.tenant_id AND i.person_id = p.id))
    LIMIT 1`.execute(tx);
  return rows.length > 0;
}

/** How many others could still let people in: active owners for all customers. */
export async function countOtherOwners(tx: Transaction, { tenant_id: tenant, id }: PersonRow): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    SELECT p.id FROM people p
    WHERE p.tenant_id = ${tenant} AND p.id <> ${id} AND p.status = 'active' AND p.source <> 'emergency' AND EXISTS (
      SELECT FROM role_grants g WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id AND g.role = 'owner'
        AND g.covers = 'all' AND g.ended_at IS NULL)`.execute(tx);
  return rows.length;
}

/** Whether a customer has an administrator, or one who is to be: locked ones count, and those who are invited but by `besides`. */
export async function hasAdministrator(tx: Transaction, tenant: string, besides: string | null): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM role_grants WHERE tenant_id = ${tenant} AND role = 'customer_admin' AND ended_at IS NULL
    UNION ALL
    SELECT FROM invitations WHERE tenant_id = ${tenant} AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
      AND grants @> '[{"role": "customer_admin"}]' AND id IS DISTINCT FROM ${besides}::uuid`.execute(tx);
  return rows.length > 0;
}

/** Whoever took the role of administrator from a customer's people: a role by a group goes by the hand that set the issuer up. */
export async function whoEndedAdministrators(tx: Transaction, tenant: string): Promise<{ by: string; at: Date }[]> {
  const { rows } = await sql<{ by: string; at: Date }>`
    SELECT coalesce(i.set_by, g.ended_by) AS by, max(g.ended_at) AS at
    FROM role_grants g LEFT JOIN identity_providers i ON i.tenant_id = g.tenant_id AND g.ended_by = 'issuer:' || i.name
    WHERE g.tenant_id = ${tenant} AND g.role = 'customer_admin' AND g.ended_at IS NOT NULL
    GROUP BY 1`.execute(tx);
  return rows;
}

export async function kindOf(tx: Transaction, tenant: string): Promise<'msp' | 'customer'> {
  const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
  return kind;
}

export async function isKnownGroup(tx: Transaction, tenant: string, id: string): Promise<boolean> {
  const { rows } = await sql`SELECT FROM tenant_groups WHERE tenant_id = ${tenant} AND id::text = ${id}`.execute(tx);
  return rows.length > 0;
}

/** The tenants of a group. */
export async function membersOfGroup(tx: Transaction, tenant: string, id: string): Promise<string[]> {
  const { rows } = await sql<{ member: string }>`
    SELECT member FROM tenant_group_members WHERE tenant_id = ${tenant} AND group_id::text = ${id}`.execute(tx);
  return rows.map((row) => row.member);
}
