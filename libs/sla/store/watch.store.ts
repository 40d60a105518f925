import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/platform/database';

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

/** A ticket that nothing seems to look at. */
export interface UnwatchedTicket {
  readonly tenant: string;
  readonly id: string;
  readonly why: 'without_workflow' | 'overdue';
}

/** Some of the open tickets without a watch, and of those that are overdue: at most `most` of each. */
export async function unwatchedTickets(database: Database, most: number): Promise<readonly UnwatchedTicket[]> {
  const { rows } = await sql<UnwatchedTicket>`SELECT tenant, id, why FROM unwatched_tickets(${most})`.execute(database);
  return rows;
}

/** Some of the tickets that are watched as far as our tables know. */
export async function watchedTickets(
  database: Database,
  most: number,
): Promise<readonly { readonly tenant: string; readonly id: string }[]> {
  const { rows } = await sql<{ tenant: string; id: string }>`
    SELECT tenant, id FROM watched_tickets(${most})`.execute(database);
  return rows;
}

/** Puts on record that the reconciler started a ticket's workflow anew, or told it again. */
export async function noteRestart(
  tx: Transaction,
  { tenant, ticketId }: { readonly tenant: string; readonly ticketId: string },
): Promise<void> {
  const again = { restarts: sql<number>`sla_watches.restarts + 1`, restarted_at: sql<Date>`now()` };
  await tx
    .insertInto('sla_watches')
    .values({
      ...{ tenant_id: tenant, ticket_id: ticketId, looked_at: sql<Date>`now()`, next_at: sql<Date>`now()` },
      ...{ restarts: 1, restarted_at: sql<Date>`now()` },
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'ticket_id']).doUpdateSet({ ...again, ended_at: null }))
    .execute();
}

/** What stands for the metric: how many there are of each. */
export interface EscalationCount {
  readonly name: string;
  readonly label: string;
  readonly value: number;
}

export async function escalationCounts(database: Database): Promise<readonly EscalationCount[]> {
  const { rows } = await sql<EscalationCount>`SELECT name, label, value FROM escalation_counts()`.execute(database);
  return rows;
}
