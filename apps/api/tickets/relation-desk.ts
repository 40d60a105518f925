import { readerOf as requestReaderOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import { findShownRun } from '#libs/process';
import { findRequestLocked, findShownRequest } from '#libs/requests';
import {
  findLink,
  linkRequest,
  linksOf,
  linkThing,
  linkTickets,
  RunConfidential,
  requestsOfTicket,
  setWatchers,
  shownRelation,
  TicketLinkImpossible,
  TicketLinkNotFound,
  ticketsSeen,
  unlink,
  watchersOf,
  type By,
  type TicketLinkRow,
  type TicketRow,
} from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import type {
  LinkedTicketView,
  LinkRunDto,
  LinksView,
  LinkThingDto,
  LinkTicketDto,
  TicketRequestView,
  WatchersView,
} from './relation.dto.js';
import { byOf, lockedTicket, readerOf, seenTicket } from './ticket-access.js';

/** What tickets have to do with each other, with runs and with things elsewhere, and who watches them. */
export class RelationDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** What of a ticket's links the caller sees. Throws `TicketNotFound`. */
  links(actor: Actor, id: string): Promise<LinksView> {
    return inTenants(this.database, actor.sees, async (tx) => this.shown(tx, actor, await seenTicket(tx, actor, id)));
  }

  /** Throws `TicketNotFound` or `TicketLinkImpossible`. */
  linkTicket(writer: Writer, id: string, { kind, ticketId }: LinkTicketDto): Promise<LinksView> {
    return this.change(writer, id, async (tx) => {
      const other = (await ticketsSeen(tx, readerOf(writer.actor, [writer.tenant]), [ticketId])).get(ticketId);
      if (!other) throw unknownTicket(ticketId);
      return (ticket, by) => linkTickets(tx, ticket, { ...other, tenant_id: writer.tenant }, kind, by);
    });
  }

  /** Throws `TicketNotFound` or `TicketLinkImpossible`. */
  linkThing(writer: Writer, id: string, { kind, externalId, label }: LinkThingDto): Promise<LinksView> {
    const thing = { kind, externalId, label: label ?? null };
    return this.change(writer, id, (tx) => Promise.resolve((ticket, by) => linkThing(tx, ticket, thing, by)));
  }

  /** Throws `TicketNotFound`, `TicketLinkImpossible`, `RunConfidential` or `RunBound`. */
  linkRun(writer: Writer, id: string, { runId }: LinkRunDto): Promise<LinksView> {
    const { actor, tenant } = writer;
    return this.change(writer, id, async (tx) => {
      const run = await findShownRun(tx, requestReaderOf(actor), [tenant], runId);
      if (!run) throw unknownRun(runId);
      // before the ticket, in the order of a run's end
      const request = await findRequestLocked(tx, tenant, run.request_id);
      if (request?.confidential_until !== null)
        throw new RunConfidential('More people see the ticket than the run. Link it when it is confidential no more.');
      return (ticket, by) => linkRequest(tx, ticket, { requestId: run.request_id, runId }, by);
    });
  }

  /** Throws `TicketLinkNotFound` or `TicketLinkImpossible`. */
  async unlink({ actor, tenant }: Writer, id: string): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const link = await findLink(tx, [tenant], id);
      if (!link) throw linkNotFound(id);
      await unlink(tx, await lockedTicket(tx, actor, tenant, link.ticket_id), link, byOf(actor));
    });
    this.hint.give();
  }

  /** Throws `TicketNotFound`. */
  watchers(actor: Actor, id: string): Promise<WatchersView> {
    return inTenants(this.database, actor.sees, async (tx) => ({
      subjects: [...(await watchersOf(tx, await seenTicket(tx, actor, id)))],
    }));
  }

  /** Throws `TicketNotFound` or `TicketWatcherUnknown`. */
  async setWatchers({ actor, tenant }: Writer, id: string, subjects: readonly string[]): Promise<WatchersView> {
    const watchers = await inTenants(this.database, [tenant], async (tx) =>
      setWatchers(tx, await lockedTicket(tx, actor, tenant, id), subjects, byOf(actor)),
    );
    this.hint.give();
    return { subjects: [...watchers] };
  }

  private async change(
    { actor, tenant }: Writer,
    id: string,
    prepare: (tx: Transaction) => Promise<(ticket: TicketRow, by: By) => Promise<void>>,
  ): Promise<LinksView> {
    const view = await inTenants(this.database, [tenant], async (tx) => {
      await seenTicket(tx, { ...actor, sees: [tenant] }, id);
      const link = await prepare(tx);
      const ticket = await lockedTicket(tx, actor, tenant, id);
      await link(ticket, byOf(actor));
      return this.shown(tx, actor, ticket);
    });
    this.hint.give();
    return view;
  }

  private async shown(tx: Transaction, actor: Actor, ticket: TicketRow): Promise<LinksView> {
    const links = await linksOf(tx, ticket);
    const things = links.flatMap(({ id, kind, external_id: externalId, label }) =>
      externalId === null ? [] : [{ id, kind, externalId, label }],
    );
    return {
      tickets: await this.ticketsOf(tx, actor, ticket, links),
      things,
      requests: await requestsOf(tx, actor, ticket),
    };
  }

  private async ticketsOf(
    tx: Transaction,
    actor: Actor,
    { tenant_id, id }: TicketRow,
    links: readonly TicketLinkRow[],
  ): Promise<LinkedTicketView[]> {
    const ends = links.flatMap(({ id: link, kind, ticket_id, other_id }) => {
      if (other_id === null) return [];
      const side = ticket_id === id ? ('ticket' as const) : ('other' as const);
      return [{ id: link, kind: shownRelation(kind, side), ticketId: side === 'ticket' ? other_id : ticket_id }];
    });
    const reader = readerOf(actor, [tenant_id]);
    const seen = await ticketsSeen(
      tx,
      reader,
      ends.map(({ ticketId }) => ticketId),
    );
    return ends.flatMap((end) => {
      const other = seen.get(end.ticketId);
      return other ? [{ ...end, number: other.number, subject: other.subject, status: other.status }] : [];
    });
  }
}

/** Requests that were made for a ticket, as far as the caller sees them. */
async function requestsOf(tx: Transaction, actor: Actor, ticket: TicketRow): Promise<TicketRequestView[]> {
  const shown: TicketRequestView[] = [];
  for (const id of await requestsOfTicket(tx, ticket)) {
    const request = await findShownRequest(tx, requestReaderOf(actor), [ticket.tenant_id], id);
    if (request) shown.push({ requestId: id, runId: request.run_id, type: request.type, status: request.status });
  }
  return shown;
}

/** Whose a link is. Throws `TicketLinkNotFound`. */
export const tenantOfLink: FindTenant = async (tx, tenants, id) => {
  const link = await findLink(tx, tenants, id);
  if (!link) throw linkNotFound(id);
  return link.tenant_id;
};

function linkNotFound(id: string): TicketLinkNotFound {
  return new TicketLinkNotFound(`There is no link ${id}, or you may not see it.`);
}

function unknownTicket(id: string): TicketLinkImpossible {
  const message = `The customer has no ticket ${id}.`;
  return new TicketLinkImpossible(message, { errors: [{ path: 'ticketId', code: 'unknown', message }] });
}

function unknownRun(id: string): TicketLinkImpossible {
  const message = `The customer has no run ${id}, or you may not see it.`;
  return new TicketLinkImpossible(message, { errors: [{ path: 'runId', code: 'unknown', message }] });
}
