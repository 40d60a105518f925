import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';
import type { ProtectedAccount, ProtectedKind, ProtectionRule } from '../model/protected-accounts.model.js';

export type ProtectedAccountRow = Row<'protected_accounts'>;

/** An account as somebody protects it. */
export interface AccountProtection {
  readonly userName: string;
  readonly kind: ProtectedKind;
  readonly rule: ProtectionRule;
  readonly note: string | null;
  readonly setBy: string;
}

/** The protected accounts of these tenants, by tenant and name. */
export function listProtectedAccounts(tx: Transaction, tenants: readonly string[]): Promise<ProtectedAccountRow[]> {
  return tx
    .selectFrom('protected_accounts')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .orderBy('tenant_id')
    .orderBy('user_name')
    .execute();
}

/** One page of them, after a tenant's name. */
export function listProtectedAccountsPage(
  tx: Transaction,
  tenants: readonly string[],
  [tenant, userName]: readonly [tenant: string, userName: string],
  limit: number,
): Promise<ProtectedAccountRow[]> {
  return tx
    .selectFrom('protected_accounts')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, user_name) > (${tenant}, ${userName})`)
    .orderBy('tenant_id')
    .orderBy('user_name')
    .limit(limit)
    .execute();
}

/** Protects an account, or changes how it is protected. What the directory said of it stays known. */
export function putProtectedAccount(
  tx: Transaction,
  tenant: string,
  account: AccountProtection,
): Promise<ProtectedAccountRow> {
  const { kind, rule, note } = account;
  const values = { kind, rule, note, set_by: account.setBy, set_at: sql<Date>`now()` };
  return tx
    .insertInto('protected_accounts')
    .values({ tenant_id: tenant, user_name: account.userName.toLowerCase(), identity: null, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_name']).doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Takes an account's protection away. Gives whether there was one. */
export async function deleteProtectedAccount(tx: Transaction, tenant: string, userName: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('protected_accounts')
    .where('tenant_id', '=', tenant)
    .where('user_name', '=', userName.toLowerCase())
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Keeps the directory's identity of a protected account. */
export async function learnIdentity(
  tx: Transaction,
  tenant: string,
  userName: string,
  identity: string,
): Promise<void> {
  await tx
    .updateTable('protected_accounts')
    .set({ identity })
    .where('tenant_id', '=', tenant)
    .where('user_name', '=', userName)
    .where('identity', 'is', null)
    .execute();
}

export function toProtectedAccount(row: ProtectedAccountRow): ProtectedAccount {
  return { userName: row.user_name, kind: row.kind, rule: row.rule, identity: row.identity };
}
