import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
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
export async function putProtectedAccount(
  tx: Transaction,
  tenant: string,
  account: AccountProtection,
): Promise<ProtectedAccountRow> {
  const { kind, rule, note } = account;
  const before = await findProtectedAccount(tx, tenant, account.userName);
  const values = { kind, rule, note, set_by: account.setBy, set_at: sql<Date>`now()` };
  const row = await tx
    .insertInto('protected_accounts')
    .values({ tenant_id: tenant, user_name: account.userName.toLowerCase(), identity: null, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_name']).doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendAudit(tx, tenant, {
    ...{ action: 'protected_account.set', actor: account.setBy, object: objectOf(row) },
    ...{ before: before ? audited(before) : null, after: audited(row) },
  });
  return row;
}

function findProtectedAccount(
  tx: Transaction,
  tenant: string,
  userName: string,
): Promise<ProtectedAccountRow | undefined> {
  return tx
    .selectFrom('protected_accounts')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('user_name', '=', userName.toLowerCase())
    .executeTakeFirst();
}

function objectOf({ user_name }: ProtectedAccountRow) {
  return { kind: 'protected_account', id: user_name };
}

function audited({ kind, rule, note }: ProtectedAccountRow) {
  return { kind, rule, note };
}

/** Takes an account's protection away. Gives whether there was one. */
export async function deleteProtectedAccount(
  tx: Transaction,
  tenant: string,
  userName: string,
  removedBy: string,
): Promise<boolean> {
  const removed = await tx
    .deleteFrom('protected_accounts')
    .where('tenant_id', '=', tenant)
    .where('user_name', '=', userName.toLowerCase())
    .returningAll()
    .executeTakeFirst();
  if (!removed) return false;
  await appendAudit(tx, tenant, {
    ...{ action: 'protected_account.removed', actor: removedBy, object: objectOf(removed) },
    before: audited(removed),
  });
  return true;
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
