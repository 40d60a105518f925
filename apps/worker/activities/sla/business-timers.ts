import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { businessDaysAfter, serviceLevels, settingsOf, USUAL_SETTINGS } from '#libs/sla';
import type { ServiceCalendar, TicketFact } from '#libs/sla/model';
import { appendEntry, changeStatus, requestMail, type TicketRow } from '#libs/tickets';
import { BY_ENGINE } from './chain-acts.js';

/** What comes by itself: the customer is reminded of what they owe, and what was resolved is closed. */
export interface BusinessTimer {
  readonly act: 'remind' | 'close';
  /** Of the status that it counts from. */
  readonly since: number;
  readonly at: number;
  /** It was said that it would come, and when; it has been done. */
  readonly announced: boolean;
  readonly done: boolean;
}

/** The timer of a ticket that waits for its customer, or was resolved; null for all others. */
export async function businessTimerOf(
  tx: Transaction,
  ticket: TicketRow,
  facts: readonly TicketFact[],
): Promise<BusinessTimer | null> {
  const act = ticket.status === 'resolved' ? 'close' : ticket.status === 'waiting_for_customer' ? 'remind' : null;
  const since = facts.findLast(({ kind }) => kind === 'status')?.at;
  if (act === null || since === undefined) return null;
  const row = await settingsOf(tx, ticket.tenant_id);
  const { remindAfterDays, closeAfterDays } = row
    ? { remindAfterDays: row.remind_after_days, closeAfterDays: row.close_after_days }
    : USUAL_SETTINGS;
  const days = act === 'close' ? closeAfterDays : remindAfterDays;
  const at = days === null ? null : businessDaysAfter(await calendarOf(tx, ticket, facts), since, days);
  if (at === null) return null;
  const entries = await entriesSince(tx, ticket);
  return { act, since, at, announced: entries.includes('announced'), done: entries.includes('done') };
}

/** Says when it comes, does it when it is due. Gives when it is due by itself, or null. */
export async function playBusinessTimer(
  tx: Transaction,
  ticket: TicketRow,
  { act, at, announced, done }: BusinessTimer,
  now: number,
): Promise<{ readonly ticket: TicketRow; readonly nextAt: number | null }> {
  if (!announced) await announce(tx, ticket, act, at);
  if (done) return { ticket, nextAt: null };
  if (at > now) return { ticket, nextAt: at };
  const sequence = await note(tx, ticket, { act, became: 'done' });
  if (act === 'remind') {
    await requestMail(tx, ticket, 'reminder', { entry: sequence });
    return { ticket, nextAt: null };
  }
  const reason = 'It was resolved, and nobody objected.';
  return {
    ticket: await changeStatus(tx, ticket, { status: 'closed', reason }, BY_ENGINE, serviceLevels),
    nextAt: null,
  };
}

async function announce(tx: Transaction, ticket: TicketRow, act: BusinessTimer['act'], at: number): Promise<void> {
  const sequence = await note(tx, ticket, { act, became: 'announced', at: new Date(at).toISOString() });
  // of waiting they are told by the mail about that
  if (act === 'close') await requestMail(tx, ticket, 'reminder', { entry: sequence, closesAt: new Date(at) });
}

function note(tx: Transaction, ticket: TicketRow, change: Readonly<Record<string, string>>): Promise<number> {
  return appendEntry(tx, ticket, { kind: 'business_timer', public: true, by: BY_ENGINE, change });
}

/** What the engine noted of this timer since the ticket got its status. */
async function entriesSince(tx: Transaction, { tenant_id, id }: TicketRow): Promise<readonly string[]> {
  const { rows } = await sql<{ became: string }>`
    SELECT e.change ->> 'became' AS became FROM ticket_entries e
    WHERE e.tenant_id = ${tenant_id} AND e.ticket_id = ${id} AND e.kind = 'business_timer' AND e.sequence > (
      SELECT max(s.sequence) FROM ticket_entries s WHERE s.tenant_id = ${tenant_id} AND s.ticket_id = ${id} AND s.kind = 'status')`.execute(
    tx,
  );
  return rows.map(({ became }) => became);
}

/** The calendar that its resolution counts by, else the working week where the customer is. */
async function calendarOf(
  tx: Transaction,
  { tenant_id }: TicketRow,
  facts: readonly TicketFact[],
): Promise<ServiceCalendar> {
  const setting = facts.findLast((fact) => fact.kind === 'targets' || fact.kind === 'opened');
  const target = setting?.targets.resolution ?? setting?.targets.first_response ?? null;
  if (target?.kind === 'minutes') return target.calendar;
  const { time_zone: timezone } = await tx
    .selectFrom('tenants')
    .select('time_zone')
    .where('id', '=', tenant_id)
    .executeTakeFirstOrThrow();
  const day = [['08:00', '17:00']] as const;
  return { timezone, weekly: { mon: day, tue: day, wed: day, thu: day, fri: day }, holidays: [] };
}
