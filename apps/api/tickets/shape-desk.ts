import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  changeType,
  changeWorkClass,
  lockTicket,
  mergeTickets,
  setTags,
  splitTicket,
  TicketMergeImpossible,
  type By,
  type Grade,
  type ServiceLevels,
  type TicketRow,
  type TicketType,
} from '#libs/tickets';
import type { Writer } from '../access/caller.js';
import { createOnce } from '../tenants/tenancy-record.js';
import type { MergeDto, SplitDto, TypeDto, WorkClassDto } from './relation.dto.js';
import { byOf, lockedTicket } from './ticket-access.js';
import { ticketView, type TicketView } from './ticket.view.js';

/** What kind of work tickets are, and that one becomes part of another or two. */
export class ShapeDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly levels: ServiceLevels,
  ) {}

  /** Throws `TicketNotFound` or `TicketClosed`. */
  setWorkClass(writer: Writer, id: string, { workClass, reason }: WorkClassDto): Promise<TicketView> {
    return this.work(writer, id, (tx, ticket, by) => changeWorkClass(tx, ticket, { workClass, reason }, by));
  }

  /** Throws `TicketNotFound` or `TicketClosed`. */
  setType(writer: Writer, id: string, { type, reason }: TypeDto): Promise<TicketView> {
    return this.work(writer, id, (tx, ticket, by) => changeType(tx, ticket, { type, reason }, by, this.levels));
  }

  /** Throws `TicketNotFound` or `TicketClosed`. */
  setTags(writer: Writer, id: string, tags: readonly string[]): Promise<TicketView> {
    return this.work(writer, id, (tx, ticket, by) => setTags(tx, ticket, tags, by));
  }

  /** Throws `TicketNotFound`, `TicketClosed` or `TicketMergeImpossible`. */
  async merge({ actor, tenant }: Writer, id: string, { ticketId, reason }: MergeDto): Promise<TicketView> {
    const row = await inTenants(this.database, [tenant], async (tx) => {
      // in the order of their ids: two merges of the same tickets do not wait for each other
      for (const one of [id, ticketId].sort()) await lockTicket(tx, tenant, one);
      const source = await lockedTicket(tx, actor, tenant, id);
      const target = await lockTicket(tx, tenant, ticketId);
      if (!target) throw unknownTarget(ticketId);
      return mergeTickets(tx, source, target, reason, byOf(actor), this.levels);
    });
    this.hint.give();
    return ticketView(row);
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `TicketSplitImpossible` and what an idempotent call throws. */
  async split(call: CallKey, { actor, tenant }: Writer, id: string, body: SplitDto): Promise<TicketView> {
    const view = await createOnce(this.database, call, async (tx) => {
      const source = await lockedTicket(tx, actor, tenant, id);
      const { type = source.type as TicketType, subject, comments } = body;
      const { impact = source.impact as Grade, urgency = source.urgency as Grade } = body;
      const wish = { subject, type, impact, urgency, comments };
      return ticketView(await splitTicket(tx, source, wish, byOf(actor), this.levels));
    });
    this.hint.give();
    return view;
  }

  private async work(
    { actor, tenant }: Writer,
    id: string,
    change: (tx: Transaction, ticket: TicketRow, by: By) => Promise<TicketRow>,
  ): Promise<TicketView> {
    const row = await inTenants(this.database, [tenant], async (tx) =>
      change(tx, await lockedTicket(tx, actor, tenant, id), byOf(actor)),
    );
    this.hint.give();
    return ticketView(row);
  }
}

function unknownTarget(id: string): TicketMergeImpossible {
  const message = `The customer has no ticket ${id}.`;
  return new TicketMergeImpossible(message, { errors: [{ path: 'ticketId', code: 'unknown', message }] });
}
