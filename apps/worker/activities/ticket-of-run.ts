import type { Transaction } from '#libs/platform/database';
import { noteRunEnded } from '#libs/tickets';
import type { RunRef } from '../../../workflows/support/activities.js';

/**
 * Tells the ticket that a run was started for of its end, in the transaction of that end. What is confidential is told to no
 * ticket: more people see it.
 */
export async function tellTicket(tx: Transaction, run: RunRef, outcome: string): Promise<void> {
  const { tenant, requestId, runId } = run;
  const request = await tx
    .selectFrom('requests')
    .select(['ticket_id', 'type'])
    .where('tenant_id', '=', tenant)
    .where('id', '=', requestId)
    .where('ticket_id', 'is not', null)
    .where('confidential_until', 'is', null)
    .executeTakeFirst();
  if (!request) return;
  await noteRunEnded(tx, { tenant, ticketId: request.ticket_id!, requestId, runId, process: request.type, outcome });
}
