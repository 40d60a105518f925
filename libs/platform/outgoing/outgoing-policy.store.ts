import { sql } from 'kysely';
import { newId, type Json } from '#libs/kernel';
import { appendAudit } from '../audit/index.js';
import { inTenants, type Database, type Transaction } from '../database/index.js';
import { showPlace } from './allowance-form.js';
import { OutgoingGuard } from './outgoing-guard.js';
import type { OutgoingAllowance, OutgoingPolicy, OutgoingProtocol } from './outgoing-policy.js';
import { machineResolver, type Resolver } from './resolver.js';

/** An allowance with why and by whom it was given. */
export interface StoredAllowance extends OutgoingAllowance {
  readonly id: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** A tenant's policy as somebody set it; `setBy` and `setAt` are null while nobody did. */
export interface StoredPolicy extends OutgoingPolicy {
  readonly tenant: string;
  readonly allowances: readonly StoredAllowance[];
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

/** What a person sets: a whole policy. */
export interface PolicyWish {
  readonly publicAddresses: OutgoingPolicy['publicAddresses'];
  readonly allowances: readonly (OutgoingAllowance & { readonly reason: string })[];
}

/** Of a tenant that nobody set a policy for: what is not on its list is not reached, public or not. */
const NOBODY_SAID: OutgoingPolicy['publicAddresses'] = 'listed';

/** What a tenant may connect to, in the transaction's view. */
export async function readPolicy(tx: Transaction, tenant: string): Promise<StoredPolicy> {
  return (await listPolicies(tx, [tenant]))[0]!;
}

/** The policy of each of these tenants, in the order of their ids. */
export async function listPolicies(tx: Transaction, tenants: readonly string[]): Promise<StoredPolicy[]> {
  const chosen = await tx.selectFrom('outgoing_policies').selectAll().where('tenant_id', 'in', tenants).execute();
  const rows = await tx
    .selectFrom('outgoing_allowances')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .orderBy('id')
    .execute();
  return [...tenants].sort().map((tenant) => {
    const policy = chosen.find((row) => row.tenant_id === tenant);
    return {
      tenant,
      publicAddresses: (policy?.public_addresses ?? NOBODY_SAID) as OutgoingPolicy['publicAddresses'],
      allowances: rows.filter((row) => row.tenant_id === tenant).map(fromRow),
      setBy: policy?.set_by ?? null,
      setAt: policy?.set_at ?? null,
    };
  });
}

function fromRow(row: {
  readonly id: string;
  readonly host: string | null;
  readonly cidr: string | null;
  readonly ports: number[] | null;
  readonly protocols: string[];
  readonly reason: string;
  readonly created_by: string;
  readonly created_at: Date;
}): StoredAllowance {
  const { id, host, cidr, ports, reason, created_by: createdBy, created_at: createdAt } = row;
  return { id, host, cidr, ports, protocols: row.protocols as OutgoingProtocol[], reason, createdBy, createdAt };
}

/**
 * Replaces a tenant's policy, on the audit trail with what it was before. Allowances that stay keep who gave them. It holds
 * from the next connection on.
 */
export async function putPolicy(tx: Transaction, tenant: string, wish: PolicyWish, by: string): Promise<StoredPolicy> {
  // one at a time: what is kept and what goes is worked out from what is there
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`stellwerk.outgoing.${tenant}`}, 0))`.execute(tx);
  const before = await readPolicy(tx, tenant);
  const set = { public_addresses: wish.publicAddresses, set_by: by, set_at: sql<Date>`now()` };
  await tx
    .insertInto('outgoing_policies')
    .values({ tenant_id: tenant, ...set })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(set))
    .execute();
  const wanted = new Map(wish.allowances.map((one) => [keyOf(one), one]));
  const kept = new Set(before.allowances.map(keyOf).filter((key) => wanted.has(key)));
  const gone = before.allowances.filter((one) => !kept.has(keyOf(one))).map(({ id }) => id);
  if (gone.length > 0)
    await tx.deleteFrom('outgoing_allowances').where('tenant_id', '=', tenant).where('id', 'in', gone).execute();
  const added = [...wanted.values()].filter((one) => !kept.has(keyOf(one)));
  if (added.length > 0)
    await tx
      .insertInto('outgoing_allowances')
      .values(added.map((one) => rowOf(tenant, one, by)))
      .execute();
  const after = await readPolicy(tx, tenant);
  await appendAudit(tx, tenant, {
    action: 'outgoing_policy.changed',
    actor: by,
    object: { kind: 'outgoing_policy', id: tenant },
    before: summaryOf(before),
    after: summaryOf(after),
  });
  return after;
}

function rowOf(tenant: string, { host, cidr, ports, protocols, reason }: PolicyWish['allowances'][number], by: string) {
  return {
    ...{ tenant_id: tenant, id: newId(), host, cidr, ports: ports ? [...ports] : null },
    ...{ protocols: [...protocols], reason, created_by: by },
  };
}

function keyOf(one: OutgoingAllowance & { readonly reason: string }): string {
  const ports = one.ports && [...one.ports].sort((a, b) => a - b);
  return JSON.stringify([showPlace(one), ports, [...one.protocols].sort(), one.reason]);
}

function summaryOf({ publicAddresses, allowances }: StoredPolicy): Json {
  return {
    publicAddresses,
    allowances: allowances.map((one) => ({ to: showPlace(one), ports: one.ports, protocols: one.protocols })),
  };
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
