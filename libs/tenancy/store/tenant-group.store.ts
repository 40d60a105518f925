import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { isUniqueViolation, type Transaction } from '#libs/platform/database';
import { TenantGroupNameTaken, TenantGroupNotFound } from '../model/tenant.errors.js';
import { changedMeanwhile } from './tenant.store.js';

/** A group of customers, by the MSP's own division. */
export interface TenantGroup {
  readonly id: string;
  readonly name: string;
  /** Ids of customers, in order. */
  readonly members: readonly string[];
  readonly version: number;
}

/** A page of the MSP's groups after an id. */
export async function listGroups(tx: Transaction, home: string, after: string, limit: number): Promise<TenantGroup[]> {
  return select(tx, home).where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** Throws `TenantGroupNotFound`. */
export async function readGroup(tx: Transaction, home: string, id: string): Promise<TenantGroup> {
  const found = await select(tx, home).where('id', '=', id).executeTakeFirst();
  if (!found) throw new TenantGroupNotFound(`There is no group ${id}.`);
  return found;
}

/** Throws `TenantGroupNameTaken`. */
export async function insertGroup(
  tx: Transaction,
  home: string,
  { name, members }: Pick<TenantGroup, 'name' | 'members'>,
  by: string,
): Promise<TenantGroup> {
  const id = newId();
  await tx
    .insertInto('tenant_groups')
    .values({ tenant_id: home, id, name, created_by: by })
    .execute()
    .catch(refuseTaken(name));
  await setMembers(tx, home, id, members);
  return readGroup(tx, home, id);
}

/** Replaces name and members of a group at this version. Throws `TenantGroupNotFound`, `ChangedMeanwhile` or `TenantGroupNameTaken`. */
export async function replaceGroup(tx: Transaction, home: string, group: TenantGroup): Promise<TenantGroup> {
  const { id, name, members, version } = group;
  const { numUpdatedRows } = await tx
    .updateTable('tenant_groups')
    .set({ name, version: version + 1 })
    .where('tenant_id', '=', home)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
    .catch(refuseTaken(name));
  if (numUpdatedRows === 0n) {
    await readGroup(tx, home, id);
    throw changedMeanwhile();
  }
  await tx.deleteFrom('tenant_group_members').where('tenant_id', '=', home).where('group_id', '=', id).execute();
  await setMembers(tx, home, id, members);
  return readGroup(tx, home, id);
}

/** Whether a role in force is granted for the group. */
export async function isGroupInUse(tx: Transaction, home: string, id: string): Promise<boolean> {
  const found = await tx
    .selectFrom('role_grants')
    .select('id')
    .where('tenant_id', '=', home)
    .where('covers', '=', 'group')
    .where('covers_id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}

export async function deleteGroup(tx: Transaction, home: string, id: string): Promise<void> {
  await tx.deleteFrom('tenant_groups').where('tenant_id', '=', home).where('id', '=', id).execute();
}

async function setMembers(tx: Transaction, home: string, id: string, members: readonly string[]): Promise<void> {
  if (members.length === 0) return;
  const rows = [...new Set(members)].map((member) => ({ tenant_id: home, group_id: id, member }));
  await tx.insertInto('tenant_group_members').values(rows).execute();
}

function select(tx: Transaction, home: string) {
  const members = sql<string[]>`ARRAY(SELECT m.member FROM tenant_group_members m
    WHERE m.tenant_id = tenant_groups.tenant_id AND m.group_id = tenant_groups.id ORDER BY m.member)`;
  return tx
    .selectFrom('tenant_groups')
    .select(['id', 'name', 'version', members.as('members')])
    .where('tenant_id', '=', home);
}

function refuseTaken(name: string) {
  return (error: unknown): never => {
    if (!isUniqueViolation(error)) throw error;
    throw new TenantGroupNameTaken(`There is a group ${name}. Take another name, or change that one.`);
  };
}
