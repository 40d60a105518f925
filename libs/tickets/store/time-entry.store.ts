import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';
import type { TimeKind } from '../model/index.js';
import type { TicketRow } from './ticket.store.js';

export type TimeEntryRow = Row<'ticket_time_entries'>;

type Place = Pick<TicketRow, 'tenant_id' | 'id'>;

export interface NewTimeEntry {
  readonly technician: string;
  readonly kind: TimeKind;
  readonly from: Date;
  /** Null: it is running. */
  readonly to: Date | null;
  readonly billable: boolean;
  readonly note: string | null;
  readonly by: string;
}

export function insertTimeEntry(
  tx: Transaction,
  { tenant_id, id: ticket_id }: Place,
  { technician, kind, from, to, billable, note, by }: NewTimeEntry,
): Promise<TimeEntryRow> {
  return tx
    .insertInto('ticket_time_entries')
    .values({
      ...{ tenant_id, id: newId(), ticket_id, technician, kind, from_at: from, to_at: to, billable, note },
      recorded_by: by,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Whether the technician has other time within a span, at whichever customer; nobody else can write theirs until this ends. */
export async function timeIsTaken(
  tx: Transaction,
  technician: string,
  { from, to, but }: { readonly from: Date; readonly to: Date | null; readonly but: string | null },
): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    SELECT time_is_taken(${technician}, ${from}::timestamptz, ${to}::timestamptz, ${but}::uuid) AS taken`.execute(tx);
  return rows[0]!.taken;
}

/** Whether somebody has an account at the MSP. */
export async function isPersonOfMsp(tx: Transaction, subject: string): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`SELECT is_person_of_msp(${subject}) AS is`.execute(tx);
  return rows[0]!.is;
}

/** The entry, locked, whether withdrawn or not. */
export function lockTimeEntry(tx: Transaction, tenant: string, id: string): Promise<TimeEntryRow | undefined> {
  return tx
    .selectFrom('ticket_time_entries')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export function findTimeEntry(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<TimeEntryRow | undefined> {
  return tx
    .selectFrom('ticket_time_entries')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

export type TimeEntryChange = Partial<
  Pick<TimeEntryRow, 'to_at' | 'note' | 'withdrawn_by' | 'withdrawn_reason' | 'withdrawn_at'>
>;

export function changeTimeEntry(
  tx: Transaction,
  { tenant_id, id }: Pick<TimeEntryRow, 'tenant_id' | 'id'>,
  change: TimeEntryChange,
): Promise<TimeEntryRow> {
  return tx
    .updateTable('ticket_time_entries')
    .set(change)
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** A ticket's entries by their beginning, without those that were withdrawn. */
export function timeEntriesOf(tx: Transaction, { tenant_id, id }: Place): Promise<TimeEntryRow[]> {
  return tx
    .selectFrom('ticket_time_entries')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .where('withdrawn_at', 'is', null)
    .orderBy('from_at')
    .orderBy('id')
    .execute();
}

/** A call-out of somebody's, with the people of whom a tenant is home, over all customers. */
export interface CallOut {
  readonly subject: string;
  readonly from: Date;
  /** Until now while it is running. */
  readonly to: Date;
}

/** When people of a tenant that is read were called out within a span. */
export async function callOutsBetween(
  tx: Transaction,
  tenant: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly CallOut[]> {
  const { rows } = await sql<{ subject: string; from_at: Date; to_at: Date }>`
    SELECT * FROM call_outs_between(${tenant}, ${from}::timestamptz, ${to}::timestamptz)`.execute(tx);
  return rows.map(({ subject, from_at, to_at }) => ({ subject, from: from_at, to: to_at }));
}
