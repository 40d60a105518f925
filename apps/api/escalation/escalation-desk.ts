import { sql } from 'kysely';
import { escalationRequested } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import {
  asNamed,
  attemptsOf,
  ChainUnknown,
  entriesOfEscalation,
  EscalationNotFound,
  findChain,
  findEscalation,
  insertEscalation,
  listEscalations,
  noteEscalation,
  notificationsOf,
  type EscalationRow,
  type NamedChain,
} from '#libs/sla';
import { appendEntry, lockTicket, TicketClosed, TicketNotFound, type By, type TicketRow } from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { createOnce } from '../tenants/tenancy-record.js';
import { acknowledgeEscalation } from './acknowledge.js';
import type { EscalationListQuery, StartEscalationDto } from './escalation.dto.js';
import {
  entryView,
  escalationView,
  notificationView,
  type EscalationDetailsView,
  type EscalationPageView,
  type EscalationView,
  type TimersView,
} from './escalation.view.js';

const LIST = 'escalations';

/** Escalations: started by hand, looked at, acknowledged. */
export class EscalationDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit, ...filter }: EscalationListQuery): Promise<EscalationPageView> {
    const tenants = listedTenants(actor, tenant);
    const place = readPlace(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) =>
      listEscalations(tx, tenants, filter, place, limit + 1),
    );
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place_at, id: row.id }), escalationView);
    return { items: [...page.items], nextCursor: page.nextCursor };
  }

  /** Throws `EscalationNotFound`. */
  one(actor: Actor, id: string): Promise<EscalationDetailsView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const row = await findEscalation(tx, actor.sees, id);
      if (!row) throw notFound(id);
      const notifications = await notificationsOf(tx, row.tenant_id, id);
      const attempts = await attemptsOf(
        tx,
        row.tenant_id,
        notifications.map((one) => one.id),
      );
      return {
        ...escalationView(row),
        timeline: (await entriesOfEscalation(tx, row)).map(entryView),
        notifications: notifications.map((one) => notificationView(one, attempts)),
      };
    });
  }

  /** Throws `EscalationNotFound` or `EscalationNotRunning`. */
  async acknowledge({ actor, tenant }: Writer, id: string): Promise<EscalationView> {
    const row = await inTenants(this.database, [tenant], (tx) =>
      acknowledgeEscalation(tx, { tenant, id }, { by: byOf(actor), via: 'api' }),
    );
    this.hint.give();
    return escalationView(row);
  }

  /** Throws `TicketNotFound`, `TicketClosed`, `ChainUnknown` and what an idempotent call throws. */
  async start(
    call: CallKey,
    { actor, tenant }: Writer,
    ticketId: string,
    body: StartEscalationDto,
  ): Promise<EscalationView> {
    const shared = await inTenants(this.database, [actor.home], (tx) => findChain(tx, actor.home, body.chain));
    const view = await createOnce(this.database, call, async (tx) => {
      const ticket = await lockTicket(tx, tenant, ticketId);
      if (!ticket) throw new TicketNotFound(`There is no ticket ${ticketId}, or you may not see it.`);
      if (ticket.status === 'closed') throw new TicketClosed(`Ticket ${ticket.number} is closed.`);
      const row = (await findChain(tx, tenant, body.chain)) ?? shared;
      if (!row) throw unknownChain(body.chain);
      return escalationView(await startByHand(tx, ticket, asNamed(row), body.reason, byOf(actor)));
    });
    this.hint.give();
    return view;
  }

  /** What should have been looked at before. Throws `TenantNotFound`. */
  timers(actor: Actor, tenant: string | undefined): Promise<TimersView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => {
      const { rows } = await sql<{ tenant: string; ticket: string; why: string; since: Date; restarts: number }>`
        SELECT t.tenant_id AS tenant, t.id AS ticket, coalesce(w.restarts, 0) AS restarts,
          CASE WHEN w.ticket_id IS NULL OR w.ended_at IS NOT NULL THEN 'without_workflow' ELSE 'overdue' END AS why,
          CASE WHEN w.ticket_id IS NULL OR w.ended_at IS NOT NULL THEN t.opened_at ELSE w.next_at END AS since
        FROM tickets t LEFT JOIN sla_watches w ON w.tenant_id = t.tenant_id AND w.ticket_id = t.id
        WHERE t.tenant_id = ANY (${[...tenants]}::text[]) AND t.closed_at IS NULL
          AND ((w.ticket_id IS NULL OR w.ended_at IS NOT NULL) AND t.opened_at < now() - interval '10 seconds'
            OR w.ended_at IS NULL AND w.next_at < now() - interval '5 seconds')
        ORDER BY since, t.id LIMIT ${LARGEST_PAGE}`.execute(tx);
      return { items: rows.map((row) => ({ ...row, since: row.since.toISOString() })) };
    });
  }
}

async function startByHand(
  tx: Transaction,
  ticket: TicketRow,
  chain: NamedChain,
  reason: string,
  by: By,
): Promise<EscalationRow> {
  const { tenant_id: tenant, id: ticketId } = ticket;
  const { rows } = await sql<{ at: Date }>`SELECT now() AS at`.execute(tx);
  const wish = { ticketId, chain, cause: 'hand', causeKey: `hand/${newId()}`, details: { reason } } as const;
  const row = (await insertEscalation(tx, tenant, { ...wish, dueAt: rows[0]!.at, by: by.subject }))!;
  const data = { cause: 'hand', chain: chain.name, version: chain.version, reason };
  await noteEscalation(tx, row, { kind: 'started', who: by.subject, data });
  await appendEntry(tx, ticket, {
    ...{ kind: 'escalation', public: false, by, body: reason },
    change: { escalation: row.id, became: 'running', cause: 'hand', chain: chain.name },
  });
  const origin = { tenant, aggregate: `ticket/${ticketId}`, correlationId: ticketId, causationId: null };
  await appendEvent(tx, escalationRequested, origin, { ticketId, escalationId: row.id });
  const object = { kind: 'escalation', id: row.id };
  const entry = { action: 'escalation.started', actor: by.subject, object, reason };
  await appendAudit(tx, tenant, { ...entry, after: { ticket: ticketId, cause: 'hand', chain: chain.name } });
  return row;
}

/** Whose an escalation is. Throws `EscalationNotFound`. */
export const tenantOfEscalation: FindTenant = async (tx, tenants, id) => {
  const row = await findEscalation(tx, tenants, id);
  if (!row) throw notFound(id);
  return row.tenant_id;
};

function byOf(actor: Actor): By {
  return { subject: actor.subject, kind: actor.machine === true ? 'machine' : actor.kind };
}

function notFound(id: string): EscalationNotFound {
  return new EscalationNotFound(`There is no escalation ${id}, or you may not see it.`);
}

function unknownChain(name: string): ChainUnknown {
  const message = `Neither the customer nor the MSP has a chain ${name}. GET /v1/sla/chains lists them.`;
  return new ChainUnknown(message, { errors: [{ path: 'chain', code: 'unknown', message }] });
}
