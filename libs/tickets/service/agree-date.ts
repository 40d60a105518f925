import { ticketDateChanged } from '#libs/events';
import type { JsonObject } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  DateInvalid,
  DateProposalNotFound,
  DateProposalNotOpen,
  TicketClosed,
  TicketNotPlannable,
} from '../model/index.js';
import {
  answerDateProposal,
  findDateProposal,
  insertDateProposal,
  setAgreedDate,
  type DateProposalRow,
} from '../store/date-proposal.store.js';
import { appendEntry, type By, type TicketRow } from '../store/ticket.store.js';
import { retarget, type ServiceLevels } from './service-levels.js';

/** Which side somebody speaks for. */
export type Side = 'msp' | 'customer';

/**
 * Proposes a date for a locked ticket of planned work; an open proposal is replaced. Nothing counts before the other side
 * agrees. Throws `TicketClosed`, `TicketNotPlannable` or `DateInvalid`.
 */
export async function proposeDate(
  tx: Transaction,
  ticket: TicketRow,
  { date, reason, now }: { readonly date: Date; readonly reason: string; readonly now: Date },
  by: By,
  side: Side,
): Promise<DateProposalRow> {
  if (ticket.status === 'closed')
    throw new TicketClosed(`Ticket ${ticket.number} is closed. Open another one that names it.`);
  if (ticket.work_class === 'incident')
    throw new TicketNotPlannable('An incident is not planned. Its targets say by when it is resolved.');
  if (date <= now) {
    const message = 'The date is past. Propose one that is to come.';
    throw new DateInvalid(message, { errors: [{ path: 'date', code: 'past', message }] });
  }
  const proposal = await insertDateProposal(tx, ticket, { date, reason, side, by: by.subject });
  await tell(tx, ticket, proposal, by, reason);
  return proposal;
}

/**
 * The other side's answer; what is agreed is the resolution's target from now on. Throws `TicketClosed`,
 * `DateProposalNotFound` or `DateProposalNotOpen`.
 */
export async function answerDate(
  tx: Transaction,
  ticket: TicketRow,
  { id, answer }: { readonly id: string; readonly answer: 'agreed' | 'refused' },
  by: By,
  side: Side,
  levels: ServiceLevels,
): Promise<DateProposalRow> {
  if (ticket.status === 'closed')
    throw new TicketClosed(`Ticket ${ticket.number} is closed. Open another one that names it.`);
  const proposal = await findDateProposal(tx, ticket, id);
  if (!proposal) throw new DateProposalNotFound(`Ticket ${ticket.number} has no proposal ${id}.`);
  if (proposal.side === side)
    throw new DateProposalNotOpen(
      'Your own side proposed it: the other one answers. Propose another date to change it.',
    );
  const answered = await answerDateProposal(tx, proposal, answer, by.subject);
  if (!answered) throw new DateProposalNotOpen(`It is ${proposal.status} already. Propose another date.`);
  await tell(tx, ticket, answered, by, null);
  if (answer === 'agreed')
    await retarget(tx, await setAgreedDate(tx, ticket, answered.date), levels, by, answered.reason);
  return answered;
}

async function tell(
  tx: Transaction,
  ticket: TicketRow,
  { id: proposalId, status, date, side }: DateProposalRow,
  by: By,
  reason: string | null,
): Promise<void> {
  const { tenant_id: tenant, id: ticketId } = ticket;
  const change: JsonObject = { proposalId, status, side, date: date.toISOString() };
  const sequence = await appendEntry(tx, ticket, { kind: 'date', public: true, by, body: reason, change });
  const origin = { tenant, aggregate: `ticket/${ticketId}`, correlationId: ticketId, causationId: null };
  await appendEvent(tx, ticketDateChanged, origin, { ticketId, sequence, proposalId, status });
  const object = { kind: 'ticket', id: ticketId };
  await appendAudit(tx, tenant, { action: `ticket.date_${status}`, actor: by.subject, object, after: change, reason });
}
