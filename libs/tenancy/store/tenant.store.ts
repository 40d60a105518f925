import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';
import { ChangedMeanwhile } from '../model/tenant.errors.js';

export type TenantRow = Row<'tenants'>;
export type TenantStatus = TenantRow['status'];

/** What somebody may change of a customer. */
export interface TenantChange {
  readonly name?: string | undefined;
  /** IANA zone. */
  readonly timeZone?: string | undefined;
}

export function findTenant(tx: Transaction, id: string): Promise<TenantRow | undefined> {
  return tx.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The row, held until the transaction ends: acts on one customer's state come one after the other. */
export function lockTenant(tx: Transaction, id: string): Promise<TenantRow> {
  return tx.selectFrom('tenants').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/** A page of these tenants after an id, in the order of ids. */
export function listTenants(
  tx: Transaction,
  tenants: readonly string[],
  after: string,
  limit: number,
): Promise<TenantRow[]> {
  return tx
    .selectFrom('tenants')
    .selectAll()
    .where('id', 'in', tenants)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Creates a customer in its first state: without an agreement it is not live. */
export async function insertCustomer(
  tx: Transaction,
  { id, name, timeZone }: { readonly id: string; readonly name: string; readonly timeZone: string },
): Promise<void> {
  await tx.insertInto('tenants').values({ id, kind: 'customer', name, time_zone: timeZone }).execute();
}

/** Changes a customer that was at this version. Throws `ChangedMeanwhile`. */
export async function changeTenant(
  tx: Transaction,
  id: string,
  version: number,
  { name, timeZone }: TenantChange,
): Promise<TenantRow> {
  const row = await tx
    .updateTable('tenants')
    .set({
      version: sql<number>`version + 1`,
      ...(name === undefined ? {} : { name }),
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    })
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw changedMeanwhile();
  return row;
}

/** Puts a customer into another state; who and why stay beside it. */
export function setTenantStatus(
  tx: Transaction,
  id: string,
  status: TenantStatus,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<TenantRow> {
  const set = { status, status_reason: reason, status_by: by, status_at: sql<Date>`now()` };
  return tx.updateTable('tenants').set(set).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
}

/** Lets a customer's requests in from now on (keeping an earlier instant), or no longer. */
export async function setLive(tx: Transaction, id: string, isLive: boolean): Promise<void> {
  const live_since = isLive ? sql<Date>`coalesce(live_since, now())` : null;
  await tx.updateTable('tenants').set({ live_since }).where('id', '=', id).execute();
}

export function changedMeanwhile(): ChangedMeanwhile {
  return new ChangedMeanwhile('Read it again and send your change with the version that you then see.');
}
