import { ticketLinksChanged, ticketRunEnded, ticketWatchersChanged } from '#libs/events';
import { ENGINE } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { RunBound, TicketLinkImpossible, TicketWatcherUnknown, type Relation, type Thing } from '../model/index.js';
import {
  addWatchers,
  bindRequest,
  deleteLink,
  insertLink,
  peopleOf,
  removeWatchers,
  watchersOf,
  type TicketLinkRow,
} from '../store/relation.store.js';
import { appendEntry, lockTicket, type By, type TicketRow } from '../store/ticket.store.js';
import { isPersonOfMsp } from '../store/time-entry.store.js';
import { onRecord, tell } from './ticket-record.js';

/** Links a locked ticket to another of the same customer. Throws `TicketLinkImpossible` for itself or a link that is there. */
export async function linkTickets(
  tx: Transaction,
  ticket: TicketRow,
  other: Pick<TicketRow, 'tenant_id' | 'id' | 'number'>,
  kind: Relation,
  by: By,
): Promise<void> {
  if (other.tenant_id !== ticket.tenant_id || other.id === ticket.id)
    throw refused('ticketId', 'same', 'A ticket is linked to another one of the same customer.');
  const link = await insertLink(tx, ticket, { kind, otherId: other.id, by: by.subject });
  if (!link) throw refused('ticketId', 'taken', `It is linked to ticket ${other.number} like this.`);
  await changed(tx, ticket, { state: 'linked', kind, ticketId: other.id, number: other.number }, by);
}

/** Links a locked ticket to a device or alert by its id elsewhere. Throws `TicketLinkImpossible` for a link that is there. */
export async function linkThing(
  tx: Transaction,
  ticket: TicketRow,
  { kind, externalId, label }: { readonly kind: Thing; readonly externalId: string; readonly label: string | null },
  by: By,
): Promise<void> {
  const link = await insertLink(tx, ticket, { kind, externalId, label, by: by.subject });
  if (!link) throw refused('externalId', 'taken', 'It is linked to that.');
  await changed(tx, ticket, { state: 'linked', kind, externalId }, by);
}

/** Makes a request and its run a locked ticket's. Throws `RunBound` when they are another's. */
export async function linkRequest(
  tx: Transaction,
  ticket: TicketRow,
  { requestId, runId }: { readonly requestId: string; readonly runId: string },
  by: By,
): Promise<void> {
  if (!(await bindRequest(tx, ticket, requestId)))
    throw new RunBound('The run was started for another ticket, and stays with it.');
  await changed(tx, ticket, { state: 'linked', kind: 'run', runId, requestId }, by);
}

/** Takes a link of a locked ticket away. Throws `TicketLinkImpossible` for one that a merge or split made. */
export async function unlink(tx: Transaction, ticket: TicketRow, link: TicketLinkRow, by: By): Promise<void> {
  if (link.kind === 'merged_into' || link.kind === 'split_from')
    throw refused('id', 'lasting', 'What was merged or split stays linked.');
  await deleteLink(tx, link);
  const { kind, other_id: ticketId, external_id: externalId } = link;
  await changed(tx, ticket, { state: 'unlinked', kind, ...(ticketId === null ? { externalId } : { ticketId }) }, by);
}

/**
 * Says who watches a locked ticket. Somebody of the customer who watches sees the ticket, but nothing internal. Throws
 * `TicketWatcherUnknown`.
 */
export async function setWatchers(
  tx: Transaction,
  ticket: TicketRow,
  subjects: readonly string[],
  by: By,
): Promise<readonly string[]> {
  const before = await watchersOf(tx, ticket);
  const added = subjects.filter((subject) => !before.includes(subject));
  const removed = before.filter((subject) => !subjects.includes(subject));
  const own = await peopleOf(tx, ticket.tenant_id, added);
  for (const subject of added)
    if (!own.has(subject) && !(await isPersonOfMsp(tx, subject)))
      throw watcherUnknown(subjects.indexOf(subject), subject);
  if (added.length + removed.length === 0) return before;
  await addWatchers(tx, ticket, added, by.subject);
  await removeWatchers(tx, ticket, removed);
  const change = { added, removed };
  const sequence = await appendEntry(tx, ticket, { kind: 'watchers', public: false, by, change });
  await tell(tx, ticket, ticketWatchersChanged, { ticketId: ticket.id, sequence });
  await onRecord(tx, ticket, 'ticket.watchers_changed', by, { after: change });
  return watchersOf(tx, ticket);
}

/** What ended for a ticket. */
export interface EndedRun {
  readonly tenant: string;
  readonly ticketId: string;
  readonly requestId: string;
  readonly runId: string;
  readonly process: string;
  readonly outcome: string;
}

/** Puts the end of a run on the timeline of the ticket that it was started for, in the transaction of that end. */
export async function noteRunEnded(tx: Transaction, run: EndedRun): Promise<void> {
  const { tenant, ticketId, runId, requestId, process, outcome } = run;
  const ticket = await lockTicket(tx, tenant, ticketId);
  if (!ticket) return;
  const by: By = { subject: ENGINE, kind: 'engine' };
  const change = { run: { id: runId, requestId, process, outcome } };
  const sequence = await appendEntry(tx, ticket, { kind: 'run', public: true, by, change });
  await tell(tx, ticket, ticketRunEnded, { ticketId, sequence, runId, outcome });
}

/** An internal entry: a link may name what not everybody sees who sees the ticket. */
async function changed(
  tx: Transaction,
  ticket: TicketRow,
  link: { readonly state: string; readonly kind: string; readonly [field: string]: string | number | null },
  by: By,
): Promise<void> {
  const sequence = await appendEntry(tx, ticket, { kind: 'link', public: false, by, change: { link } });
  const { kind, state } = link;
  await tell(tx, ticket, ticketLinksChanged, { ticketId: ticket.id, sequence, kind, state });
  await onRecord(tx, ticket, `ticket.${state}`, by, { after: link });
}

function refused(path: string, code: string, message: string): TicketLinkImpossible {
  return new TicketLinkImpossible(message, { errors: [{ path, code, message }] });
}

function watcherUnknown(place: number, subject: string): TicketWatcherUnknown {
  const message = `Neither the MSP nor the customer has an account ${subject}.`;
  return new TicketWatcherUnknown(message, { errors: [{ path: `subjects.${place}`, code: 'unknown', message }] });
}
