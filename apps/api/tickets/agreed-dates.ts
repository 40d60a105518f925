import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import { presentInstant } from '#libs/sla';
import { answerDate, dateProposalsOf, proposeDate, type ServiceLevels } from '#libs/tickets';
import type { Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { createOnce } from '../tenants/tenancy-record.js';
import {
  dateProposalView,
  type DateAnswerDto,
  type DateProposalsView,
  type DateProposalView,
  type ProposeDateDto,
} from './agreed-date.dto.js';
import { byOf, lockedTicket, seenTicket } from './ticket-access.js';

/** Dates of planned work: one side proposes, the other answers. */
export class AgreedDates {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly levels: ServiceLevels,
  ) {}

  /** Throws `TicketNotFound`. */
  list(actor: Actor, ticketId: string): Promise<DateProposalsView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const rows = await dateProposalsOf(tx, await seenTicket(tx, actor, ticketId), LARGEST_PAGE);
      return { items: rows.map(dateProposalView) };
    });
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `TicketNotPlannable`, `DateInvalid` and what an idempotent call throws. */
  async propose(call: CallKey, { actor, tenant }: Writer, id: string, body: ProposeDateDto): Promise<DateProposalView> {
    const view = await createOnce(this.database, call, async (tx) => {
      const ticket = await lockedTicket(tx, actor, tenant, id);
      const now = new Date(await presentInstant(tx));
      const wish = { date: new Date(body.date), reason: body.reason, now };
      return dateProposalView(await proposeDate(tx, ticket, wish, byOf(actor), actor.kind));
    });
    this.hint.give();
    return view;
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `DateProposalNotFound` or `DateProposalNotOpen`. */
  async answer(
    { actor, tenant }: Writer,
    ticketId: string,
    id: string,
    { answer }: DateAnswerDto,
  ): Promise<DateProposalView> {
    const row = await inTenants(this.database, [tenant], async (tx) => {
      const ticket = await lockedTicket(tx, actor, tenant, ticketId);
      return answerDate(tx, ticket, { id, answer }, byOf(actor), actor.kind, this.levels);
    });
    this.hint.give();
    return dateProposalView(row);
  }
}
