import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  addTimeEntry,
  findTimeEntry,
  lockTimeEntry,
  stopTimeEntry,
  timeEntriesOf,
  TimeEntryNotFound,
  withdrawTimeEntry,
  type By,
  type TicketRow,
  type TimeEntryRow,
  type TimeToAdd,
} from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import { createOnce } from '../tenants/tenancy-record.js';
import {
  timeEntriesView,
  timeEntryView,
  type RecordTimeDto,
  type StartTimeDto,
  type TimeEntriesView,
  type TimeEntryView,
} from './time.dto.js';
import { byOf, lockedTicket, seenTicket } from './ticket-access.js';

/** Time that people of the MSP work on tickets. */
export class TimeDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `TicketNotFound`. */
  list(actor: Actor, id: string): Promise<TimeEntriesView> {
    return inTenants(this.database, actor.sees, async (tx) =>
      timeEntriesView(await timeEntriesOf(tx, await seenTicket(tx, actor, id))),
    );
  }

  /** Throws `TicketNotFound`, what `addTimeEntry` throws, and what an idempotent call throws. */
  record(call: CallKey, writer: Writer, id: string, body: RecordTimeDto): Promise<TimeEntryView> {
    const { kind, billable = true, note = null, technician = writer.actor.subject, from, to } = body;
    const span = { from: new Date(from), to: new Date(to) };
    return this.add(call, writer, id, { technician, kind, billable, note, ...span });
  }

  /** As `record`, from now on, until it is stopped. */
  start(call: CallKey, writer: Writer, id: string, body: StartTimeDto): Promise<TimeEntryView> {
    const { kind, billable = true, note = null } = body;
    const technician = writer.actor.subject;
    return this.add(call, writer, id, { technician, kind, billable, note, from: null, to: null });
  }

  /** Throws `TimeEntryNotFound` or `TimeEntryEnded`. */
  stop(writer: Writer, id: string, note: string | null): Promise<TimeEntryView> {
    return this.change(writer, id, (tx, ticket, entry, by) => stopTimeEntry(tx, ticket, entry, note, by));
  }

  /** Throws `TimeEntryNotFound` or `TimeEntryEnded`. */
  withdraw(writer: Writer, id: string, reason: string): Promise<TimeEntryView> {
    return this.change(writer, id, (tx, ticket, entry, by) => withdrawTimeEntry(tx, ticket, entry, reason, by));
  }

  private async add(call: CallKey, { actor, tenant }: Writer, id: string, time: TimeToAdd): Promise<TimeEntryView> {
    const view = await createOnce(this.database, call, async (tx) =>
      timeEntryView(await addTimeEntry(tx, await lockedTicket(tx, actor, tenant, id), time, byOf(actor))),
    );
    this.hint.give();
    return view;
  }

  private async change(
    { actor, tenant }: Writer,
    id: string,
    change: (tx: Transaction, ticket: TicketRow, entry: TimeEntryRow, by: By) => Promise<TimeEntryRow>,
  ): Promise<TimeEntryView> {
    const row = await inTenants(this.database, [tenant], async (tx) => {
      const found = await findTimeEntry(tx, [tenant], id);
      if (!found) throw notFound(id);
      // the ticket first, as everywhere: two who come from different sides must not wait for each other
      const ticket = await lockedTicket(tx, actor, tenant, found.ticket_id);
      return change(tx, ticket, (await lockTimeEntry(tx, tenant, id))!, byOf(actor));
    });
    this.hint.give();
    return timeEntryView(row);
  }
}

/** Whose a time entry is. Throws `TimeEntryNotFound`. */
export const tenantOfTimeEntry: FindTenant = async (tx, tenants, id) => {
  const row = await findTimeEntry(tx, tenants, id);
  if (!row) throw notFound(id);
  return row.tenant_id;
};

function notFound(id: string): TimeEntryNotFound {
  return new TimeEntryNotFound(`There is no time entry ${id}, or you may not see it.`);
}
