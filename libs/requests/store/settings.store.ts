import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
import type { Row, Transaction } from '#libs/platform/database';
import { DEFAULT_ACCOUNTS_PER_HOUR } from '../model/brake.model.js';
import type { ProtectionRule } from '../model/protected-accounts.model.js';

/** A customer's settings about what needs a second person. */
export interface TenantSettings {
  /** The brake: so many accounts or devices within an hour need no second person. */
  readonly accountsPerHour: number;
  /** What becomes of a request that would lock the last administrator out. */
  readonly lastAdministrator: ProtectionRule;
}

/** The same with who set it and when; both null while the usual settings hold. */
export interface StoredSettings extends TenantSettings {
  readonly tenant: string;
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

const USUAL: TenantSettings = { accountsPerHour: DEFAULT_ACCOUNTS_PER_HOUR, lastAdministrator: 'refuse' };

/** One customer's settings: its own, else the usual ones. */
export async function readSettings(tx: Transaction, tenant: string): Promise<StoredSettings> {
  const row = await tx.selectFrom('tenant_settings').selectAll().where('tenant_id', '=', tenant).executeTakeFirst();
  return row ? fromRow(row) : usualOf(tenant);
}

/** The settings of each of these tenants, in the order of their ids. */
export async function listSettings(tx: Transaction, tenants: readonly string[]): Promise<StoredSettings[]> {
  const rows = await tx.selectFrom('tenant_settings').selectAll().where('tenant_id', 'in', tenants).execute();
  const own = new Map(rows.map((row) => [row.tenant_id, fromRow(row)]));
  return [...tenants].sort().map((tenant) => own.get(tenant) ?? usualOf(tenant));
}

/** Replaces a customer's settings. */
export async function putSettings(
  tx: Transaction,
  tenant: string,
  settings: TenantSettings,
  setBy: string,
): Promise<StoredSettings> {
  const before = await readSettings(tx, tenant);
  const values = {
    accounts_per_hour: settings.accountsPerHour,
    last_administrator: settings.lastAdministrator,
    set_by: setBy,
    set_at: sql<Date>`now()`,
  };
  const row = await tx
    .insertInto('tenant_settings')
    .values({ tenant_id: tenant, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
  const after = fromRow(row);
  await appendAudit(tx, tenant, {
    ...{ action: 'settings.changed', actor: setBy, object: { kind: 'settings', id: tenant } },
    ...{ before: audited(before), after: audited(after) },
  });
  return after;
}

function audited({ accountsPerHour, lastAdministrator }: TenantSettings) {
  return { accountsPerHour, lastAdministrator };
}

function fromRow(row: Row<'tenant_settings'>): StoredSettings {
  return {
    tenant: row.tenant_id,
    accountsPerHour: row.accounts_per_hour,
    lastAdministrator: row.last_administrator,
    setBy: row.set_by,
    setAt: row.set_at,
  };
}

function usualOf(tenant: string): StoredSettings {
  return { tenant, ...USUAL, setBy: null, setAt: null };
}
