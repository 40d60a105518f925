import { slaMarkLifted, slaTargetBreached, slaWarningReached } from '#libs/events';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { insertMark, liftedBreaches, liftMark, type MarkChanges, type MarkRow, type StandingMark } from '#libs/sla';
import type { TicketFact } from '#libs/sla/model';
import { appendEntry, type TicketRow } from '#libs/tickets';
import { BY_ENGINE } from './chain-acts.js';

type Reached = MarkChanges['reached'][number];

/** Puts a mark that was reached on record, on the ticket's timeline and in the log. Gives it with its number. */
export async function recordMark(
  tx: Transaction,
  ticket: TicketRow,
  mark: Reached,
  known: readonly MarkRow[],
  at: Date,
): Promise<StandingMark> {
  const number =
    known.filter(
      (row) => row.clock === mark.clock && row.mark === mark.mark && row.started_at.getTime() === mark.startedAt,
    ).length + 1;
  await insertMark(tx, placeOf(ticket), mark, number, at);
  const told = { clock: mark.clock, startedAt: iso(mark.startedAt), dueAt: iso(mark.dueAt) };
  await appendEntry(tx, ticket, {
    ...{ kind: 'sla_mark', public: false, by: BY_ENGINE },
    change: { ...told, mark: mark.mark },
  });
  const definition = mark.mark === 'warning' ? slaWarningReached : slaTargetBreached;
  await appendEvent(tx, definition, originOf(ticket), { ticketId: ticket.id, ...told });
  return { ...mark, number };
}

/** Keeps a mark as lifted, by whom and why where the ticket's facts tell. */
export async function recordLifted(
  tx: Transaction,
  ticket: TicketRow,
  mark: StandingMark,
  facts: readonly TicketFact[],
  at: Date,
): Promise<void> {
  const lifted = liftedBreaches(facts, at.getTime()).findLast(({ kind }) => kind === mark.clock);
  const [by, because] = [lifted?.by ?? null, lifted?.reason ?? null];
  await liftMark(tx, placeOf(ticket), mark, { at, by, because });
  const told = { clock: mark.clock, startedAt: iso(mark.startedAt), mark: mark.mark };
  await appendEntry(tx, ticket, {
    ...{ kind: 'sla_mark', public: false, by: BY_ENGINE, body: because },
    change: { ...told, lifted: true, by },
  });
  await appendEvent(tx, slaMarkLifted, originOf(ticket), { ticketId: ticket.id, ...told });
}

export function originOf({ tenant_id: tenant, id }: TicketRow) {
  return { tenant, aggregate: `ticket/${id}`, correlationId: id, causationId: null };
}

function placeOf({ tenant_id: tenant, id: ticketId }: TicketRow) {
  return { tenant, ticketId };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
