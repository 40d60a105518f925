import { sql } from 'kysely';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';

/** A sign-in under way, as far as it is kept. */
export interface Flow {
  readonly tenant: string;
  readonly providerId: string;
  readonly returnTo: string;
}

/** Notes that a browser begins to sign in. It has ten minutes. */
export async function beginFlow(database: Database, hash: Buffer, flow: Flow): Promise<void> {
  const { tenant, providerId, returnTo } = flow;
  const row = { tenant_id: tenant, token_hash: hash, provider_id: providerId, return_to: returnTo };
  await inTenants(database, [tenant], (tx) => tx.insertInto('sign_in_flows').values(row).execute());
}

/** Takes a sign-in that is under way: whoever comes second finds none. Null also when it took too long. */
export async function takeFlow(database: Database, hash: Buffer): Promise<Flow | null> {
  const { rows } = await sql<{ tenant: string | null }>`SELECT tenant_of_flow(${hash}) AS tenant`.execute(database);
  const tenant = rows[0]?.tenant;
  return tenant == null ? null : inTenants(database, [tenant], (tx) => take(tx, tenant, hash));
}

async function take(tx: Transaction, tenant: string, hash: Buffer): Promise<Flow | null> {
  const row = await tx
    .deleteFrom('sign_in_flows')
    .where('tenant_id', '=', tenant)
    .where('token_hash', '=', hash)
    .returning(['provider_id', 'return_to', sql<boolean>`expires_at > now()`.as('isOpen')])
    .executeTakeFirst();
  return row?.isOpen ? { tenant, providerId: row.provider_id, returnTo: row.return_to } : null;
}
