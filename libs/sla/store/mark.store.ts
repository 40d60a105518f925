import type { Row, Transaction } from '#libs/platform/database';
import type { Mark, StandingMark } from '../model/marks.model.js';
import type { TargetKind } from '../model/index.js';

export type MarkRow = Row<'sla_marks'>;

interface OfTicket {
  readonly tenant: string;
  readonly ticketId: string;
}

/** Every mark of a ticket, the lifted ones too, by when they were due. */
export function marksOf(tx: Transaction, { tenant, ticketId }: OfTicket): Promise<MarkRow[]> {
  return tx
    .selectFrom('sla_marks')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .orderBy('due_at')
    .orderBy('number')
    .execute();
}

export function standing(rows: readonly MarkRow[]): StandingMark[] {
  return rows.filter(({ lifted_at }) => lifted_at === null).map(toMark);
}

function toMark(row: MarkRow): StandingMark {
  return {
    clock: row.clock as TargetKind,
    startedAt: row.started_at.getTime(),
    mark: row.mark as StandingMark['mark'],
    number: row.number,
    dueAt: row.due_at.getTime(),
  };
}

/** Puts a mark on record, as the next of its clock. */
export async function insertMark(
  tx: Transaction,
  { tenant, ticketId }: OfTicket,
  { clock, startedAt, mark, dueAt }: Mark,
  number: number,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('sla_marks')
    .values({
      ...{ tenant_id: tenant, ticket_id: ticketId, clock, started_at: new Date(startedAt), mark, number },
      ...{ due_at: new Date(dueAt), recorded_at: at },
    })
    .execute();
}

/** Keeps a mark as lifted: by whom and why, as far as that is known. */
export async function liftMark(
  tx: Transaction,
  { tenant, ticketId }: OfTicket,
  { clock, startedAt, mark, number }: StandingMark,
  lifted: { readonly at: Date; readonly by: string | null; readonly because: string | null },
): Promise<void> {
  await tx
    .updateTable('sla_marks')
    .set({ lifted_at: lifted.at, lifted_by: lifted.by, lifted_because: lifted.because })
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .where('clock', '=', clock)
    .where('started_at', '=', new Date(startedAt))
    .where('mark', '=', mark)
    .where('number', '=', number)
    .execute();
}
