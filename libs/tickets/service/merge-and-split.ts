import { ticketMerged, ticketSplit, ticketStatusChanged } from '#libs/events';
import type { Transaction } from '#libs/platform/database';
import { TicketMergeImpossible, TicketSplitImpossible, type TicketType } from '../model/index.js';
import type { Grade, WorkClass } from '../model/index.js';
import { addWatchers, insertLink, watchersOf } from '../store/relation.store.js';
import { appendEntry, changeTicket, type By, type TicketEntryRow, type TicketRow } from '../store/ticket.store.js';
import type { ServiceLevels } from './service-levels.js';
import { onRecord, refuseClosed, tell } from './ticket-record.js';
import { openTicket } from './work-on-tickets.js';

/**
 * Merges a ticket into another of the same customer, both locked: it is closed with a pointer, what was said stays where it was
 * said, and who asked or watched watches the other one. Its clocks end here, and say what they say now (ADR 57). Throws
 * `TicketMergeImpossible` or `TicketClosed`.
 */
export async function mergeTickets(
  tx: Transaction,
  source: TicketRow,
  target: TicketRow,
  reason: string,
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  refuseClosed(source);
  if (source.id === target.id || source.tenant_id !== target.tenant_id)
    throw mergeRefused('same', 'A ticket is merged into another one of the same customer.');
  if (target.status === 'closed') throw mergeRefused('closed', `Ticket ${target.number} is closed.`);
  const after = await changeTicket(tx, source, { status: 'closed', status_reason: null, merged_into: target.id });
  await insertLink(tx, source, { kind: 'merged_into', otherId: target.id, by: by.subject });
  const watchers = [...(await watchersOf(tx, source)), ...(source.requester === null ? [] : [source.requester])];
  const moved = [...new Set(watchers)].filter((subject) => subject !== target.requester);
  await addWatchers(tx, target, moved, by.subject);
  await noteMerge(tx, source, target, reason, by);
  await levels.freeze(tx, after);
  return after;
}

async function noteMerge(tx: Transaction, source: TicketRow, target: TicketRow, reason: string, by: By): Promise<void> {
  const ends = { status: { from: source.status, to: 'closed' }, mergedInto: { id: target.id, number: target.number } };
  const entry = { public: true, by, body: reason } as const;
  const sequence = await appendEntry(tx, source, { kind: 'status', ...entry, change: ends });
  const told = { ticketId: source.id, sequence, from: source.status, to: 'closed' };
  await tell(tx, source, ticketStatusChanged, told);
  const from = { mergedFrom: { id: source.id, number: source.number } };
  const place = await appendEntry(tx, target, { kind: 'merged', ...entry, public: false, change: from });
  await tell(tx, target, ticketMerged, { ticketId: target.id, sequence: place, mergedTicketId: source.id });
  await onRecord(tx, source, 'ticket.merged', by, { after: { into: target.id }, reason });
  await onRecord(tx, target, 'ticket.merged_from', by, { after: { from: source.id }, reason });
}

export interface SplitWish {
  readonly subject: string;
  readonly type: TicketType;
  readonly impact: Grade;
  readonly urgency: Grade;
  /** Sequences of the comments that go along. */
  readonly comments: readonly number[];
}

/**
 * Opens a ticket for a part of what was said to a locked one: copies of these comments, each with who said it when, under the
 * same requester. They stay where they were said, and are no answers there: the new ticket's clocks begin now (ADR 57). Throws
 * `TicketSplitImpossible` or `TicketClosed`.
 */
export async function splitTicket(
  tx: Transaction,
  source: TicketRow,
  { subject, type, impact, urgency, comments }: SplitWish,
  by: By,
  levels: ServiceLevels,
): Promise<TicketRow> {
  refuseClosed(source);
  const said = await commentsOf(tx, source, comments);
  const { requester, contact_id: contactId, tags } = source;
  const isUsual = type === source.type;
  const wish = { type, subject, description: null, impact, urgency, tags, requester, contactId };
  const same = isUsual ? { workClass: source.work_class as WorkClass } : {};
  const ticket = await openTicket(tx, source.tenant_id, { ...wish, ...same }, by, levels);
  await insertLink(tx, ticket, { kind: 'split_from', otherId: source.id, by: by.subject });
  for (const one of said) await copyComment(tx, source, ticket, one);
  const into = { splitInto: { id: ticket.id, number: ticket.number }, comments: [...comments] };
  const sequence = await appendEntry(tx, source, { kind: 'split', public: false, by, change: into });
  await tell(tx, source, ticketSplit, { ticketId: source.id, sequence, splitTicketId: ticket.id });
  await onRecord(tx, source, 'ticket.split', by, { after: into });
  return ticket;
}

async function copyComment(tx: Transaction, source: TicketRow, ticket: TicketRow, said: TicketEntryRow): Promise<void> {
  const from = { ticketId: source.id, number: source.number, sequence: said.sequence, at: said.at.toISOString() };
  await appendEntry(tx, ticket, {
    ...{ kind: 'copied_comment', public: said.public, body: said.body, change: { from } },
    by: { subject: said.by, kind: said.by_kind as By['kind'] },
  });
}

async function commentsOf(tx: Transaction, ticket: TicketRow, wanted: readonly number[]): Promise<TicketEntryRow[]> {
  const rows = await tx
    .selectFrom('ticket_entries')
    .selectAll()
    .where('tenant_id', '=', ticket.tenant_id)
    .where('ticket_id', '=', ticket.id)
    .where('kind', 'in', ['comment', 'copied_comment'])
    .where('sequence', 'in', [...wanted])
    .orderBy('sequence')
    .execute();
  const missing = wanted.findIndex((sequence) => rows.every((row) => row.sequence !== sequence));
  if (missing < 0) return rows;
  const message = `Entry ${wanted[missing]} is no comment of this ticket.`;
  throw new TicketSplitImpossible(message, { errors: [{ path: `comments.${missing}`, code: 'unknown', message }] });
}

function mergeRefused(code: string, message: string): TicketMergeImpossible {
  return new TicketMergeImpossible(message, { errors: [{ path: 'ticketId', code, message }] });
}
