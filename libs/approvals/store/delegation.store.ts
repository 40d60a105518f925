import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';

export type DelegationRow = Row<'approval_delegations'>;

export interface NewDelegation {
  readonly tenant: string;
  readonly id: string;
  readonly delegator: string;
  readonly delegate: string;
  readonly from: Date;
  readonly until: Date;
  readonly reason: string | null;
  readonly setBy: string;
}

export async function insertDelegation(tx: Transaction, delegation: NewDelegation): Promise<DelegationRow> {
  return tx
    .insertInto('approval_delegations')
    .values({
      tenant_id: delegation.tenant,
      id: delegation.id,
      delegator: delegation.delegator,
      delegate: delegation.delegate,
      valid_from: delegation.from,
      valid_until: delegation.until,
      reason: delegation.reason,
      set_by: delegation.setBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Delegations of these customers that are not over, the newest first. */
export async function listDelegations(
  tx: Transaction,
  tenants: readonly string[],
  most: number,
): Promise<DelegationRow[]> {
  return tx
    .selectFrom('approval_delegations')
    .selectAll()
    .where('tenant_id', 'in', tenants.length > 0 ? tenants : [''])
    .where('ended_at', 'is', null)
    .where('valid_until', '>', sql<Date>`now()`)
    .orderBy('set_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
}

export function findDelegation(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<DelegationRow | undefined> {
  return tx
    .selectFrom('approval_delegations')
    .selectAll()
    .where('tenant_id', 'in', tenants.length > 0 ? tenants : [''])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Ends a delegation; one that is ended already stays as it is. */
export async function endDelegation(tx: Transaction, tenant: string, id: string, by: string): Promise<void> {
  await tx
    .updateTable('approval_delegations')
    .set({ ended_at: sql<Date>`now()`, ended_by: by })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}
