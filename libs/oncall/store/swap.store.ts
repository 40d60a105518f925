import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';

export type SwapRow = Row<'oncall_swaps'>;

export interface NewSwap {
  readonly scheduleId: string;
  readonly giver: string;
  readonly taker: string;
  readonly gives: { readonly from: Date; readonly to: Date };
  /** Null: nothing for it. */
  readonly takes: { readonly from: Date; readonly to: Date } | null;
}

export function insertSwap(
  tx: Transaction,
  tenant: string,
  { scheduleId, giver, taker, gives, takes }: NewSwap,
  by: string,
): Promise<SwapRow> {
  return tx
    .insertInto('oncall_swaps')
    .values({
      ...{ tenant_id: tenant, id: newId(), schedule_id: scheduleId, giver, taker, proposed_by: by },
      ...{ gives_from: gives.from, gives_to: gives.to },
      ...{ takes_from: takes?.from ?? null, takes_to: takes?.to ?? null },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findSwap(tx: Transaction, tenants: readonly string[], id: string): Promise<SwapRow | undefined> {
  return tx
    .selectFrom('oncall_swaps')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The newest first. */
export function swapsOf(tx: Transaction, tenant: string, scheduleId: string, limit: number): Promise<SwapRow[]> {
  return tx
    .selectFrom('oncall_swaps')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('schedule_id', '=', scheduleId)
    .orderBy('proposed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** The first answer counts: undefined when there was one before. */
export function answerSwap(
  tx: Transaction,
  { tenant_id, id }: Pick<SwapRow, 'tenant_id' | 'id'>,
  status: 'accepted' | 'refused',
  by: string,
): Promise<SwapRow | undefined> {
  return tx
    .updateTable('oncall_swaps')
    .set({ status, answered_by: by, answered_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('status', '=', 'proposed')
    .returningAll()
    .executeTakeFirst();
}
