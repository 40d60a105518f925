import { sql } from 'kysely';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import {
  factsOf,
  goingEscalations,
  markChanges,
  marksOf,
  nextMarkAt,
  noteWatch,
  pendingNotifications,
  readTicket,
  standing,
  type EscalationRow,
  type MarkChanges,
  type MarkRow,
  type TicketReading,
} from '#libs/sla';
import type { Chain, TicketFact } from '#libs/sla/model';
import { lockTicket, type TicketRow } from '#libs/tickets';
import type { SlaRecords, TicketLook, TicketRef } from '../../../workflows/support/activities.js';
import { businessTimerOf, playBusinessTimer } from './sla/business-timers.js';
import { ChainActs } from './sla/chain-acts.js';
import { endChain, reasonToEnd, startChains, takeOn } from './sla/escalations-of-ticket.js';
import { readStaff, type Staff } from './sla/msp-staff.js';
import { recordLifted, recordMark } from './sla/ticket-marks.js';

/** A ticket as it is found, with what has to be put on record. */
interface Found {
  readonly ticket: TicketRow;
  readonly at: Date;
  readonly facts: readonly TicketFact[];
  readonly readings: readonly TicketReading[];
  readonly known: readonly MarkRow[];
  readonly changes: MarkChanges;
  readonly going: readonly EscalationRow[];
}

const OVER: TicketLook = { isOver: true, waitMs: null, pending: [] };

/** Looks at a ticket's clocks, puts on record what was due, and says when to look again. */
export class SlaRecordsOnDatabase implements SlaRecords {
  constructor(private readonly database: Database) {}

  /**
   * Everything in one transaction with the ticket's row held; a repeat finds it done. The MSP's chains, and who is on call, lie
   * in another tenant: they are read before, and only where somebody may have to be told.
   */
  async advanceTicket(ref: TicketRef): Promise<TicketLook> {
    const first = await this.inTicket(ref, (tx, found) => this.advance(tx, found, null));
    if (first === null) return OVER;
    if (!('needs' in first)) return first;
    const staff = await readStaff(this.database, first.needs);
    const second = await this.inTicket(ref, (tx, found) => this.advance(tx, found, staff));
    return (second as TicketLook | null) ?? OVER;
  }

  private inTicket<T>(
    { tenant, ticketId }: TicketRef,
    work: (tx: Transaction, found: Found) => Promise<T>,
  ): Promise<T | null> {
    return inTenants(this.database, [tenant], async (tx) => {
      const ticket = await lockTicket(tx, tenant, ticketId);
      return ticket ? work(tx, await find(tx, ticket)) : null;
    });
  }

  private async advance(
    tx: Transaction,
    found: Found,
    staff: Staff | null,
  ): Promise<TicketLook | { readonly needs: readonly Chain[] }> {
    const begun = performance.now();
    const { going, changes, at } = found;
    if (staff === null && going.length + changes.reached.length + changes.lifted.length > 0)
      return { needs: going.map(({ chain }) => chain as Chain) };
    const chainAt = staff === null ? null : await this.escalate(tx, found, staff);
    const timer = await businessTimerOf(tx, found.ticket, found.facts);
    const played = timer && (await playBusinessTimer(tx, found.ticket, timer, at.getTime()));
    const { tenant_id: tenant, id: ticketId, status } = found.ticket;
    // one that was closed just now is looked at once more: its chains end
    const isOver = status === 'closed';
    const timerAt = played?.ticket.status === 'closed' ? at.getTime() : (played?.nextAt ?? null);
    const nextAt = isOver ? null : earliest(nextMarkAt(found.readings, at.getTime()), chainAt, timerAt);
    const pending = await pendingNotifications(tx, tenant, ticketId);
    await noteWatch(tx, { tenant, ticketId }, { at, nextAt: nextAt === null ? null : new Date(nextAt), isOver });
    const passed = performance.now() - begun;
    return { isOver, pending, waitMs: nextAt === null ? null : Math.max(0, nextAt - at.getTime() - passed) };
  }

  /** Marks, the chains that they start and end, and those under way. Gives when the next of them goes on by itself. */
  private async escalate(tx: Transaction, found: Found, staff: Staff): Promise<number | null> {
    const { ticket, at, facts, known, changes, readings } = found;
    for (const mark of changes.lifted) await recordLifted(tx, ticket, mark, facts, at);
    const kept = standing(known).filter((mark) => !changes.lifted.includes(mark));
    const started: EscalationRow[] = [];
    const reached = [];
    for (const mark of changes.reached) {
      const recorded = await recordMark(tx, ticket, mark, known, at);
      reached.push(recorded);
      if (mark.isRunning) started.push(...(await startChains(tx, ticket, recorded, staff)));
    }
    const acts = new ChainActs(tx, staff, ticket);
    const next: (number | null)[] = [];
    for (const row of [...found.going, ...started]) {
      const reason = reasonToEnd(row, ticket, readings, [...kept, ...reached]);
      if (reason === null) next.push(await takeOn(tx, row, acts, staff, at.getTime()));
      else await endChain(tx, ticket, row, reason);
    }
    return earliest(...next);
  }
}

async function find(tx: Transaction, ticket: TicketRow): Promise<Found> {
  const { tenant_id: tenant, id: ticketId } = ticket;
  // the row is held: nothing that is on record happened after this
  const { rows } = await sql<{ at: Date }>`SELECT clock_timestamp() AS at`.execute(tx);
  const { at } = rows[0]!;
  const facts = await factsOf(tx, tenant, ticketId);
  const readings = readTicket(facts, at.getTime());
  const known = await marksOf(tx, { tenant, ticketId });
  const changes = markChanges(readings, standing(known), at.getTime());
  return { ticket, at, facts, readings, known, changes, going: await goingEscalations(tx, tenant, ticketId) };
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
