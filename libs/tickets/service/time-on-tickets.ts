import { ticketTimeChanged } from '#libs/events';
import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import {
  minutesOf,
  TechnicianUnknown,
  TimeEntryEnded,
  TimeOverlaps,
  TimeSpanInvalid,
  type TimeKind,
} from '../model/index.js';
import { appendEntry, type By, type TicketRow } from '../store/ticket.store.js';
import {
  changeTimeEntry,
  insertTimeEntry,
  isPersonOfMsp,
  timeIsTaken,
  type TimeEntryRow,
} from '../store/time-entry.store.js';
import { onRecord, tell } from './ticket-record.js';

const LONGEST_HOURS = 24;
const HOUR_MS = 3_600_000;

/** Somebody’s time on a ticket. */
export interface TimeToAdd {
  /** A subject of the MSP. */
  readonly technician: string;
  readonly kind: TimeKind;
  /** Null: now. */
  readonly from: Date | null;
  /** Null: it is running. */
  readonly to: Date | null;
  readonly billable: boolean;
  readonly note: string | null;
}

/**
 * Puts down or begins somebody's time on a locked ticket, also on a closed one: work is written down afterwards. Throws
 * `TechnicianUnknown`, `TimeSpanInvalid` (it ends before it begins, lasts more than a day, or lies in the future) or
 * `TimeOverlaps`, each before anything is written.
 */
export async function addTimeEntry(tx: Transaction, ticket: TicketRow, time: TimeToAdd, by: By): Promise<TimeEntryRow> {
  const now = await presentInstant(tx);
  const [from, to] = [time.from ?? now, time.to];
  refuseSpan(from, to, now);
  if (time.technician !== by.subject && !(await isPersonOfMsp(tx, time.technician))) {
    const message = `The MSP has nobody who is called ${time.technician}. Name a subject of it.`;
    throw new TechnicianUnknown(message, { errors: [{ path: 'technician', code: 'unknown', message }] });
  }
  await refuseOverlap(tx, time.technician, { from, to, but: null });
  const row = await insertTimeEntry(tx, ticket, { ...time, from, by: by.subject });
  await changed(tx, ticket, row, to === null ? 'started' : 'recorded', by, null);
  return row;
}

/** Ends locked time that is running, now. Throws `TimeEntryEnded` or `TimeOverlaps`. */
export async function stopTimeEntry(
  tx: Transaction,
  ticket: TicketRow,
  entry: TimeEntryRow,
  note: string | null,
  by: By,
): Promise<TimeEntryRow> {
  if (entry.to_at !== null || entry.withdrawn_at !== null) throw ended('It runs no more.');
  const now = await presentInstant(tx);
  // one that was stopped in the instant in which it was begun has lasted its first millisecond
  const to = new Date(Math.max(now.getTime(), entry.from_at.getTime() + 1));
  const row = await changeTimeEntry(tx, entry, { to_at: to, ...(note === null ? {} : { note }) });
  await changed(tx, ticket, row, 'recorded', by, null);
  return row;
}

/** Takes time back that was put down wrongly; it stays on record with the reason. Throws `TimeEntryEnded`. */
export async function withdrawTimeEntry(
  tx: Transaction,
  ticket: TicketRow,
  entry: TimeEntryRow,
  reason: string,
  by: By,
): Promise<TimeEntryRow> {
  if (entry.withdrawn_at !== null) throw ended('It was withdrawn.');
  const at = await presentInstant(tx);
  const withdrawn = { withdrawn_by: by.subject, withdrawn_at: at, withdrawn_reason: reason };
  const row = await changeTimeEntry(tx, entry, withdrawn);
  await changed(tx, ticket, row, 'withdrawn', by, reason);
  return row;
}

function refuseSpan(from: Date, to: Date | null, now: Date): void {
  const refuse = (path: string, code: string, message: string): never => {
    throw new TimeSpanInvalid(message, { errors: [{ path, code, message }] });
  };
  if (to !== null && to <= from) refuse('to', 'before_start', 'It ends before it begins.');
  if (from > now) refuse('from', 'future', 'It begins in the future. Put down what was worked.');
  if (to !== null && to > now) refuse('to', 'future', 'It ends in the future. Put down what was worked.');
  if ((to ?? now).getTime() - from.getTime() > LONGEST_HOURS * HOUR_MS)
    refuse(to === null ? 'from' : 'to', 'too_long', `Nobody works more than ${LONGEST_HOURS} hours on end.`);
}

async function refuseOverlap(
  tx: Transaction,
  technician: string,
  span: { readonly from: Date; readonly to: Date | null; readonly but: string | null },
): Promise<void> {
  if (!(await timeIsTaken(tx, technician, span))) return;
  throw new TimeOverlaps(
    `${technician} has other time within this span, perhaps at another customer. Stop or withdraw that, or change the span.`,
  );
}

/** An internal entry: what a customer sees of time stands in a statement. */
async function changed(
  tx: Transaction,
  ticket: TicketRow,
  row: TimeEntryRow,
  state: 'started' | 'recorded' | 'withdrawn',
  by: By,
  reason: string | null,
): Promise<void> {
  const minutes = minutesOf({ from: row.from_at, to: row.to_at });
  const time = { id: row.id, state, technician: row.technician, kind: row.kind, minutes, billable: row.billable };
  const sequence = await appendEntry(tx, ticket, { kind: 'time', public: false, by, body: reason, change: { time } });
  const { id: timeEntryId, kind } = row;
  await tell(tx, ticket, ticketTimeChanged, { ticketId: ticket.id, sequence, timeEntryId, kind, state });
  await onRecord(tx, ticket, `ticket.time_${state}`, by, { after: time, reason });
}

async function presentInstant(tx: Transaction): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT now()`.execute(tx);
  return rows[0]!.now;
}

function ended(message: string): TimeEntryEnded {
  return new TimeEntryEnded(message);
}
