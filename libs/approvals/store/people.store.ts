import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { contactsOf, type ApprovalPolicy, type RoleHolder } from '../model/index.js';

/** Who holds which role for a customer now: its own people and those of the MSP. */
export async function listRoleHolders(tx: Transaction, tenant: string): Promise<RoleHolder[]> {
  const { rows } = await sql<RoleHolder>`SELECT * FROM role_holders(${tenant})`.execute(tx);
  return rows;
}

/**
 * Every name that the people behind these subjects act by, in small letters: their accounts (one mail address is one
 * person), `mail:<address>`, the keys and machines that they made; of a machine whoever made it.
 */
export async function namesOfPerson(tx: Transaction, tenant: string, subjects: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM names_of_person(${tenant}, ${[...subjects]}::text[]) AS name`.execute(tx);
  return rows.map(({ name }) => name);
}

/** Whether anybody whom a policy names can be told by mail. */
export async function hasAddresses(tx: Transaction, tenant: string, policy: ApprovalPolicy): Promise<boolean> {
  if (contactsOf(policy).length > 0) return true;
  const { rows } = await sql<{ any: boolean }>`
    SELECT EXISTS (SELECT FROM role_holders(${tenant}) WHERE mail IS NOT NULL) AS any`.execute(tx);
  return rows[0]!.any;
}
