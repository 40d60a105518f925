import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';
import type { ContactKind, ContactMethod } from '../model/index.js';

export type TeamRow = Row<'teams'>;

/** By name. */
export function listTeams(tx: Transaction, tenants: readonly string[], limit: number): Promise<TeamRow[]> {
  return tx
    .selectFrom('teams')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('archived_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .limit(limit)
    .execute();
}

export function findTeam(tx: Transaction, tenants: readonly string[], id: string): Promise<TeamRow | undefined> {
  return tx
    .selectFrom('teams')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
}

interface TeamContent {
  readonly name: string;
  readonly members: readonly string[];
}

export function insertTeam(tx: Transaction, tenant: string, content: TeamContent, by: string): Promise<TeamRow> {
  return tx
    .insertInto('teams')
    .values({ tenant_id: tenant, id: newId(), name: content.name, members: [...content.members], set_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function changeTeam(
  tx: Transaction,
  { tenant_id, id }: Pick<TeamRow, 'tenant_id' | 'id'>,
  content: TeamContent,
  by: string,
): Promise<TeamRow> {
  return tx
    .updateTable('teams')
    .set({ name: content.name, members: [...content.members], set_by: by, set_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function archiveTeam(
  tx: Transaction,
  { tenant_id, id }: Pick<TeamRow, 'tenant_id' | 'id'>,
): Promise<void> {
  await tx
    .updateTable('teams')
    .set({ archived_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
}

/** The subjects of a team; none when the tenant has no such team. */
export async function membersOf(tx: Transaction, tenant: string, teamId: string): Promise<readonly string[]> {
  return (await findTeam(tx, [tenant], teamId))?.members ?? [];
}

/** Somebody's own methods, in the order in which they are tried. */
export async function ownContactMethods(tx: Transaction, tenant: string, subject: string): Promise<ContactMethod[]> {
  const rows = await tx
    .selectFrom('contact_methods')
    .select(['id', 'kind', 'address'])
    .where('tenant_id', '=', tenant)
    .where('subject', '=', subject)
    .orderBy('place')
    .execute();
  return rows.map(({ id, kind, address }) => ({ id, address, kind: kind as ContactKind }));
}

/**
 * By what somebody is reached, in the order in which it is tried: by methods of their own, else by the mail address of
 * their account. None when neither is known, or the account is not active.
 */
export async function contactMethodsOf(
  tx: Transaction,
  tenant: string,
  subject: string,
): Promise<readonly ContactMethod[]> {
  const person = await tx
    .selectFrom('people')
    .select('mail')
    .where('tenant_id', '=', tenant)
    .where(sql<string>`lower(subject)`, '=', subject.toLowerCase())
    .where('status', '=', 'active')
    .executeTakeFirst();
  if (!person) return [];
  const own = await ownContactMethods(tx, tenant, subject);
  if (own.length > 0) return own;
  return person.mail === null ? [] : [{ id: null, kind: 'mail', address: person.mail }];
}

/** Replaces somebody's own methods. */
export async function setContactMethods(
  tx: Transaction,
  tenant: string,
  subject: string,
  methods: readonly Omit<ContactMethod, 'id'>[],
): Promise<void> {
  await tx.deleteFrom('contact_methods').where('tenant_id', '=', tenant).where('subject', '=', subject).execute();
  if (methods.length === 0) return;
  const rows = methods.map(({ kind, address }, index) => ({
    ...{ tenant_id: tenant, id: newId(), subject, place: index + 1, kind, address },
  }));
  await tx.insertInto('contact_methods').values(rows).execute();
}

/** Which of these subjects have no active account in the tenant. */
export async function unknownPeople(
  tx: Transaction,
  tenant: string,
  subjects: readonly string[],
): Promise<readonly string[]> {
  const known = await tx
    .selectFrom('people')
    .select('subject')
    .where('tenant_id', '=', tenant)
    .where('status', '=', 'active')
    .where('subject', 'in', [...subjects, ''])
    .execute();
  return subjects.filter((subject) => !known.some((person) => person.subject === subject));
}
