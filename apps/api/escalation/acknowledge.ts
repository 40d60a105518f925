import { escalationAcknowledged } from '#libs/events';
import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  acknowledge,
  EscalationNotFound,
  EscalationNotRunning,
  findEscalation,
  noteEscalation,
  type AcknowledgedVia,
  type EscalationRow,
} from '#libs/sla';
import type { Chain } from '#libs/sla/model';
import { appendEntry, lockTicket, type By } from '#libs/tickets';

import { openCallOut } from './call-out.js';

/** Whose word it is, and by which way it came. */
export interface Word {
  readonly by: By;
  readonly via: AcknowledgedVia;
}

/**
 * Acknowledges an escalation: its chain stands still from the commit on, also while the engine is away. Throws
 * `EscalationNotFound` or `EscalationNotRunning`.
 */
export async function acknowledgeEscalation(
  tx: Transaction,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  { by, via }: Word,
): Promise<EscalationRow> {
  const before = await findEscalation(tx, [tenant], id);
  if (!before) throw new EscalationNotFound(`There is no escalation ${id}, or you may not see it.`);
  // whoever changes an escalation holds its ticket: the engine does, too
  const ticket = (await lockTicket(tx, tenant, before.ticket_id))!;
  const { acknowledgementMinutes: minutes } = before.chain as Chain;
  const row = await acknowledge(tx, before, { by: by.subject, via, minutes });
  if (!row) throw await notRunning(tx, before);
  const until = row.acknowledged_until?.toISOString() ?? null;
  await noteEscalation(tx, row, { kind: 'acknowledged', who: by.subject, data: { via, until } });
  await appendEntry(tx, ticket, {
    ...{ kind: 'escalation', public: false, by },
    change: { escalation: id, became: 'acknowledged', via, until },
  });
  await openCallOut(tx, ticket, before, by);
  const origin = { tenant, aggregate: `ticket/${ticket.id}`, correlationId: ticket.id, causationId: null };
  await appendEvent(tx, escalationAcknowledged, origin, { ticketId: ticket.id, escalationId: id, via });
  const object = { kind: 'escalation', id };
  const entry = { action: 'escalation.acknowledged', actor: by.subject, object };
  await appendAudit(tx, tenant, { ...entry, after: { via, until } });
  return row;
}

async function notRunning(tx: Transaction, { tenant_id, id }: EscalationRow): Promise<EscalationNotRunning> {
  const { status, acknowledged_by: by } = (await findEscalation(tx, [tenant_id], id))!;
  return new EscalationNotRunning(
    status === 'ended'
      ? 'The escalation has ended.'
      : `The escalation was acknowledged by ${by ?? 'somebody'} already.`,
  );
}
