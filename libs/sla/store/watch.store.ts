import type { Transaction } from '#libs/platform/database';

/** Notes when a ticket was looked at, and when it is to be looked at again. Instants are the database's. */
export async function noteWatch(
  tx: Transaction,
  { tenant, ticketId }: { readonly tenant: string; readonly ticketId: string },
  { at, nextAt, isOver }: { readonly at: Date; readonly nextAt: Date | null; readonly isOver: boolean },
): Promise<void> {
  const values = { looked_at: at, next_at: nextAt, ended_at: isOver ? at : null };
  await tx
    .insertInto('sla_watches')
    .values({ tenant_id: tenant, ticket_id: ticketId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'ticket_id']).doUpdateSet(values))
    .execute();
}
