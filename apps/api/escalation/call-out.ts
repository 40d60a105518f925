import type { Transaction } from '#libs/platform/database';
import type { EscalationRow } from '#libs/sla';
import type { Chain } from '#libs/sla/model';
import { addTimeEntry, TimeOverlaps, type By, type TicketRow } from '#libs/tickets';

/**
 * Whoever acknowledges because they are on call was called out: their time begins to run on the ticket, and with it the rest
 * that they need before their next shift. Whose time runs already goes on with that.
 */
export async function openCallOut(
  tx: Transaction,
  ticket: TicketRow,
  escalation: EscalationRow,
  by: By,
): Promise<void> {
  if (by.kind !== 'msp' || !(await wasCalled(tx, escalation, by.subject))) return;
  const time = { technician: by.subject, kind: 'call_out', from: null, to: null, billable: true, note: null } as const;
  try {
    await addTimeEntry(tx, ticket, time, by);
  } catch (error) {
    if (!(error instanceof TimeOverlaps)) throw error;
  }
}

/** Told by a step that names a schedule, and not them. */
async function wasCalled(tx: Transaction, { tenant_id, id, chain }: EscalationRow, subject: string): Promise<boolean> {
  const told = await tx
    .selectFrom('notifications')
    .select('step')
    .where('tenant_id', '=', tenant_id)
    .where('escalation_id', '=', id)
    .where('recipient', '=', subject)
    .execute();
  const { steps } = chain as Chain;
  return told.some(({ step: index }) => {
    const step = steps[index];
    if (step?.kind !== 'notify') return false;
    const isNamed = step.receivers.some((one) => one.kind === 'person' && one.subject === subject);
    return !isNamed && step.receivers.some(({ kind }) => kind === 'schedule');
  });
}
