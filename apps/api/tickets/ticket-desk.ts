import { sql } from 'kysely';
import type { Json } from '#libs/kernel';
import { mayDo, PermissionDenied, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  assign,
  changeStatus,
  comment,
  entriesOf,
  listTickets,
  matrixOf,
  openTicket,
  rate,
  TicketContactUnknown,
  type By,
  type ServiceLevels,
  type TicketFilter,
  type TicketRow,
} from '#libs/tickets';
import { ticketLevels } from '#libs/sla';
import { ticketSlaView, type TicketSlaView } from '../sla/ticket-sla.view.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { byOf, lockedTicket, readerOf, seenTicket } from './ticket-access.js';
import { invalidCursor, readCursor, readPlace, toPage, writeCursor } from '../http/cursor.js';
import type { CursorQuery } from '../http/page.query.js';
import type {
  AssignDto,
  CommentDto,
  OpenTicketDto,
  PriorityMatrixDto,
  RateDto,
  StatusDto,
  TicketListQuery,
} from './ticket.dto.js';
import {
  entryView,
  ticketView,
  type TicketEntryPageView,
  type TicketPageView,
  type TicketView,
} from './ticket.view.js';

const LIST = 'tickets';
const ENTRIES = 'ticket-entries';

/** Tickets: opened by customers and the MSP, worked on by the MSP. */
export class TicketDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly levels: ServiceLevels,
  ) {}

  /** Throws `TicketContactUnknown` and what an idempotent call throws. */
  open(call: CallKey, { actor, tenant }: Writer, body: OpenTicketDto): Promise<TicketView> {
    const { type, workClass, subject, description = null, impact, urgency, tags = [], contactId = null } = body;
    const isOwn = actor.kind === 'customer' && actor.machine !== true && contactId === null;
    const wish = { type, subject, description, impact, urgency, tags, contactId };
    return this.once(call, 201, async (tx) => {
      await this.requireContact(tx, tenant, contactId);
      const requester = isOwn ? actor.subject : null;
      const asked = { ...wish, requester, ...(workClass === undefined ? {} : { workClass }) };
      return ticketView(await openTicket(tx, tenant, asked, byOf(actor), this.levels));
    });
  }

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit, ...asked }: TicketListQuery): Promise<TicketPageView> {
    const filter = filterOf(asked);
    const tenants = listedTenants(actor, tenant);
    const place = readPlace(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) =>
      listTickets(tx, readerOf(actor, tenants), filter, place, limit + 1),
    );
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place_at, id: row.id }), ticketView);
    return { items: [...page.items], nextCursor: page.nextCursor };
  }

  /** Throws `TicketNotFound`. */
  one(actor: Actor, id: string): Promise<TicketView> {
    return inTenants(this.database, actor.sees, async (tx) => ticketView(await seenTicket(tx, actor, id)));
  }

  /** In their order. Throws `TicketNotFound` or `InvalidCursor`. */
  entries(actor: Actor, id: string, { cursor, limit }: CursorQuery): Promise<TicketEntryPageView> {
    const after = sequenceIn(cursor);
    return inTenants(this.database, actor.sees, async (tx) => {
      const ticket = await seenTicket(tx, actor, id);
      const rows = await entriesOf(tx, ticket, readerOf(actor, actor.sees), after, limit + 1);
      const page = rows.slice(0, limit);
      const nextCursor = rows.length > limit ? writeCursor([ENTRIES, page.at(-1)!.sequence]) : null;
      return { items: page.map(entryView), nextCursor };
    });
  }

  /** Explains each deadline. Throws `TicketNotFound`. */
  sla(actor: Actor, id: string): Promise<TicketSlaView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const ticket = await seenTicket(tx, actor, id);
      return ticketSlaView(await ticketLevels(tx, ticket.tenant_id, id));
    });
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `PermissionDenied` for an internal one, and what an idempotent call throws. */
  comment(
    call: CallKey,
    { actor, tenant }: Writer,
    id: string,
    { body, internal = false }: CommentDto,
  ): Promise<TicketView> {
    if (internal && !mayDo(actor, 'ticket.work', tenant))
      throw new PermissionDenied('Internal notes are for people of the MSP. Leave `internal` out.');
    return this.once(call, 201, async (tx) => {
      const ticket = await lockedTicket(tx, actor, tenant, id);
      return ticketView((await comment(tx, ticket, { body, isPublic: !internal }, byOf(actor))).ticket);
    });
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `TicketStatusImpossible` or `TicketReasonMissing`. */
  status(writer: Writer, id: string, body: StatusDto): Promise<TicketView> {
    const { status, reason = null } = body;
    return this.work(writer, id, (tx, ticket, by) => changeStatus(tx, ticket, { status, reason }, by, this.levels));
  }

  /** Throws `TicketNotFound` or `TicketClosed`. */
  rate(writer: Writer, id: string, { impact, urgency, reason }: RateDto): Promise<TicketView> {
    return this.work(writer, id, (tx, ticket, by) => rate(tx, ticket, { impact, urgency, reason }, by, this.levels));
  }

  /** Throws `TicketNotFound` or `TicketClosed`. */
  assign(writer: Writer, id: string, { team = null, technician = null }: AssignDto): Promise<TicketView> {
    return this.work(writer, id, (tx, ticket, by) => assign(tx, ticket, { team, technician }, by));
  }

  matrix(tenant: string): Promise<PriorityMatrixDto> {
    return inTenants(this.database, [tenant], (tx) => matrixOf(tx, tenant));
  }

  putMatrix({ actor, tenant }: Writer, matrix: PriorityMatrixDto): Promise<PriorityMatrixDto> {
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await matrixOf(tx, tenant);
      const values = { tenant_id: tenant, matrix: json(matrix), set_by: actor.subject };
      await tx
        .insertInto('priority_matrices')
        .values(values)
        .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ ...values, set_at: sql<Date>`now()` }))
        .execute();
      const object = { kind: 'ticket_priorities', id: tenant };
      const entry = { action: 'ticket_priorities.changed', actor: actor.subject, object };
      await appendAudit(tx, tenant, { ...entry, before: before as unknown as Json, after: matrix as unknown as Json });
      return matrix;
    });
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

  private async requireContact(tx: Transaction, tenant: string, id: string | null): Promise<void> {
    if (id === null) return;
    const found = await tx
      .selectFrom('contacts')
      .select('id')
      .where('tenant_id', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
    if (found) return;
    const message = `The customer has no contact ${id}. GET /v1/contacts lists them.`;
    throw new TicketContactUnknown(message, { errors: [{ path: 'contactId', code: 'unknown', message }] });
  }

  /** Does something once for each idempotency key; a repeat gets the first answer. */
  private async once(
    call: CallKey,
    status: number,
    work: (tx: Transaction) => Promise<TicketView>,
  ): Promise<TicketView> {
    const answer = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as TicketView;
      const view = await work(tx);
      await keepAnswer(tx, call, status, view as unknown as Json).execute(tx);
      return view;
    });
    this.hint.give();
    return answer;
  }
}

function filterOf({
  openedFrom,
  openedTo,
  ...filter
}: Omit<TicketListQuery, 'tenant' | 'cursor' | 'limit'>): TicketFilter {
  return {
    ...filter,
    ...(openedFrom === undefined ? {} : { openedFrom: new Date(openedFrom) }),
    ...(openedTo === undefined ? {} : { openedTo: new Date(openedTo) }),
  };
}

function sequenceIn(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [name, sequence, ...rest] = readCursor(cursor);
  if (name !== ENTRIES || !Number.isSafeInteger(sequence) || rest.length > 0) throw invalidCursor();
  const at = sequence as number;
  if (at < 0 || at > 2_147_483_647) throw invalidCursor();
  return at;
}
