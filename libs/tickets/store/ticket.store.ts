import { sql } from 'kysely';
import { newId, type JsonObject } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { USUAL_MATRIX, type EntryKind, type PriorityMatrix } from '../model/index.js';

export type TicketRow = Row<'tickets'>;
export type TicketEntryRow = Row<'ticket_entries'>;

/** A person's or machine's hand in what happened. */
export interface By {
  readonly subject: string;
  readonly kind: 'msp' | 'customer' | 'machine' | 'engine';
}

export interface NewTicket {
  readonly type: string;
  readonly workClass: string;
  readonly subject: string;
  readonly description: string | null;
  readonly impact: string;
  readonly urgency: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly requester: string | null;
  readonly contactId: string | null;
}

/** Inserts a ticket with the tenant's next number. Tickets of one tenant get theirs one after the other, without a hole. */
export async function insertTicket(tx: Transaction, tenant: string, ticket: NewTicket, by: By): Promise<TicketRow> {
  const numbered = await tx
    .insertInto('ticket_numbers')
    .values({ tenant_id: tenant, last: 1 })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ last: sql`ticket_numbers.last + 1` }))
    .returning('last')
    .executeTakeFirstOrThrow();
  const { type, workClass, subject, description, impact, urgency, priority, tags, requester, contactId } = ticket;
  return tx
    .insertInto('tickets')
    .values({
      ...{ tenant_id: tenant, id: newId(), number: numbered.last, type, work_class: workClass, subject, description },
      ...{ impact, urgency, priority, tags: [...tags], requester, contact_id: contactId, opened_by: by.subject },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The ticket, locked: what happens to it gets its place in the order. Undefined when the tenant has none. */
export function lockTicket(tx: Transaction, tenant: string, id: string): Promise<TicketRow | undefined> {
  return tx
    .selectFrom('tickets')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export interface NewEntry {
  readonly kind: EntryKind;
  readonly public: boolean;
  readonly by: By;
  readonly body?: string | null;
  readonly change?: JsonObject;
}

/** Puts down what happened; the ticket is locked, so that the sequence has no hole. Gives the sequence. */
export async function appendEntry(
  tx: Transaction,
  { tenant_id, id }: Pick<TicketRow, 'tenant_id' | 'id'>,
  entry: NewEntry,
): Promise<number> {
  const { sequence } = await tx
    .insertInto('ticket_entries')
    .values({
      ...{ tenant_id, ticket_id: id, kind: entry.kind, public: entry.public },
      ...{ by: entry.by.subject, by_kind: entry.by.kind, body: entry.body ?? null },
      change: entry.change === undefined ? null : json(entry.change),
      sequence: sql<number>`(SELECT coalesce(max(e.sequence), 0) + 1 FROM ticket_entries e
        WHERE e.tenant_id = ${tenant_id} AND e.ticket_id = ${id})`,
      // a transaction that began before the one that had the lock first must not write an earlier instant after its own
      at: sql<Date>`greatest(now(), (SELECT max(e.at) FROM ticket_entries e
        WHERE e.tenant_id = ${tenant_id} AND e.ticket_id = ${id}))`,
    })
    .returning('sequence')
    .executeTakeFirstOrThrow();
  return sequence;
}

export type TicketChange = Partial<
  Pick<
    TicketRow,
    | 'type'
    | 'tags'
    | 'merged_into'
    | 'work_class'
    | 'impact'
    | 'urgency'
    | 'priority'
    | 'status'
    | 'status_reason'
    | 'team'
    | 'technician'
  >
>;

/** Changes a ticket; when it was resolved and closed follows from the status. */
export async function changeTicket(
  tx: Transaction,
  { tenant_id, id }: Pick<TicketRow, 'tenant_id' | 'id'>,
  change: TicketChange,
): Promise<TicketRow> {
  const { status } = change;
  const times =
    status === undefined
      ? {}
      : {
          resolved_at:
            status === 'resolved'
              ? sql<Date>`now()`
              : status === 'closed'
                ? sql<Date>`coalesce(resolved_at, now())`
                : null,
          closed_at: status === 'closed' ? sql<Date>`now()` : null,
        };
  return tx
    .updateTable('tickets')
    .set({ ...change, ...times, changed_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The customer's own matrix, or the usual one. */
export async function matrixOf(tx: Transaction, tenant: string): Promise<PriorityMatrix> {
  const row = await tx
    .selectFrom('priority_matrices')
    .select('matrix')
    .where('tenant_id', '=', tenant)
    .executeTakeFirst();
  return (row?.matrix as PriorityMatrix | undefined) ?? USUAL_MATRIX;
}

/** What of tickets a reader sees: everything of the tenants, or only what is their own concern. */
export interface TicketReader {
  readonly tenants: readonly string[];
  /** Only tickets that this subject asked for or opened; null: all. */
  readonly onlyOf: string | null;
  /** Internal entries too. */
  readonly internal: boolean;
}

export interface TicketFilter {
  readonly status?: string;
  readonly priority?: string;
  readonly technician?: string;
  /** Words that subject, description, tags or a comment that the reader sees hold. */
  readonly words?: string;
  readonly type?: string;
  readonly team?: string;
  readonly tag?: string;
  readonly openedFrom?: Date;
  /** Until before it. */
  readonly openedTo?: Date;
}

/** The newest first. `place`: microseconds since 1970 and id of the last one shown. */
export function listTickets(
  tx: Transaction,
  reader: TicketReader,
  filter: TicketFilter,
  place: { readonly at: number; readonly id: string } | null,
  limit: number,
): Promise<(TicketRow & { readonly place_at: number })[]> {
  const at = sql<number>`(extract(epoch FROM opened_at) * 1000000)::bigint`;
  const { status, priority, technician, words, type, team, tag, openedFrom, openedTo } = filter;
  return seen(tx, reader)
    .selectAll()
    .select(at.as('place_at'))
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(priority !== undefined, (query) => query.where('priority', '=', priority!))
    .$if(technician !== undefined, (query) => query.where('technician', '=', technician!))
    .$if(words !== undefined, (query) => query.where(holdsWords(words!, reader.internal)))
    .$if(type !== undefined, (query) => query.where('type', '=', type!))
    .$if(team !== undefined, (query) => query.where('team', '=', team!))
    .$if(tag !== undefined, (query) => query.where(sql<boolean>`tags @> ARRAY[${tag!}]::text[]`))
    .$if(openedFrom !== undefined, (query) => query.where('opened_at', '>=', openedFrom!))
    .$if(openedTo !== undefined, (query) => query.where('opened_at', '<', openedTo!))
    .$if(place !== null, (query) => query.where(sql<boolean>`(${at}, id) < (${place!.at}::bigint, ${place!.id}::uuid)`))
    .orderBy('opened_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export function findTicket(tx: Transaction, reader: TicketReader, id: string): Promise<TicketRow | undefined> {
  return seen(tx, reader).selectAll().where('id', '=', id).executeTakeFirst();
}

function seen(tx: Transaction, { tenants, onlyOf }: TicketReader) {
  return tx
    .selectFrom('tickets')
    .where('tenant_id', 'in', [...tenants, ''])
    .$if(onlyOf !== null, (query) => query.where(isConcernOf(onlyOf!)));
}

/** Whether a ticket is somebody's own concern: asked for, opened or watched by them. */
export function isConcernOf(subject: string) {
  return sql<boolean>`(tickets.requester = ${subject} OR tickets.opened_by = ${subject} OR EXISTS (
    SELECT FROM ticket_watchers w
    WHERE w.tenant_id = tickets.tenant_id AND w.ticket_id = tickets.id AND w.subject = ${subject}))`;
}

/** Nobody finds a ticket by words of an entry that they do not see. */
function holdsWords(words: string, internal: boolean) {
  const asked = sql`websearch_to_tsquery('simple', ${words})`;
  return sql<boolean>`(to_tsvector('simple', subject || ' ' || coalesce(description, '') || ' ' || joined_tags(tags)) @@ ${asked}
    OR EXISTS (SELECT FROM ticket_entries e
      WHERE e.tenant_id = tickets.tenant_id AND e.ticket_id = tickets.id AND e.kind IN ('comment', 'copied_comment')
        AND (e.public OR ${internal}) AND to_tsvector('simple', e.body) @@ ${asked}))`;
}

/** What happened to a ticket, in its order; internal entries only for those who see them. */
export function entriesOf(
  tx: Transaction,
  { tenant_id, id }: Pick<TicketRow, 'tenant_id' | 'id'>,
  { internal }: Pick<TicketReader, 'internal'>,
  after: number,
  limit: number,
): Promise<TicketEntryRow[]> {
  return tx
    .selectFrom('ticket_entries')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .where('sequence', '>', after)
    .$if(!internal, (query) => query.where('public', '=', true))
    .orderBy('sequence')
    .limit(limit)
    .execute();
}
