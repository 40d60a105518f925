import { inTenants, type Database, type Transaction } from '../database/index.js';
import { OutgoingGuard } from './outgoing-guard.js';
import type { OutgoingPolicy, OutgoingProtocol } from './outgoing-policy.js';
import { machineResolver, type Resolver } from './resolver.js';

/** What a tenant may connect to, in the transaction's view. */
export async function readPolicy(tx: Transaction, tenant: string): Promise<OutgoingPolicy> {
  const rows = await tx
    .selectFrom('outgoing_allowances')
    .select(['host', 'cidr', 'ports', 'protocols'])
    .where('tenant_id', '=', tenant)
    .execute();
  const chosen = await tx
    .selectFrom('outgoing_policies')
    .select('public_addresses')
    .where('tenant_id', '=', tenant)
    .executeTakeFirst();
  const allowances = rows.map((row) => ({ ...row, protocols: row.protocols as OutgoingProtocol[] }));
  return { allowances, publicAddresses: (chosen?.public_addresses ?? 'open') as OutgoingPolicy['publicAddresses'] };
}

/** Each tenant's way out. */
export class OutgoingGuards {
  constructor(
    private readonly database: Database,
    private readonly resolver: Resolver = machineResolver,
  ) {}

  /** Reads the tenant's policy at each connection, so that a change holds at once. */
  of(tenant: string): OutgoingGuard {
    const policy = () => inTenants(this.database, [tenant], (tx) => readPolicy(tx, tenant));
    return new OutgoingGuard(policy, this.resolver);
  }
}
