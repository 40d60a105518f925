import { escalationEnded, escalationStarted } from '#libs/events';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  asNamed,
  endEscalation,
  findChain,
  findTriggers,
  insertEscalation,
  noteEscalation,
  openings,
  saveCourse,
  wasNobodyReached,
  type EscalationRow,
  type NamedChain,
  type StandingMark,
  type TicketReading,
} from '#libs/sla';
import { advanceChain, chainsFor, type Chain, type ChainState, type Trigger, type Within } from '#libs/sla/model';
import { appendEntry, type TicketRow } from '#libs/tickets';
import { BY_ENGINE, ChainActs } from './chain-acts.js';
import type { Staff } from './msp-staff.js';
import { originOf } from './ticket-marks.js';

/** Starts the chains that a mark starts: those that the customer says, else those that the MSP says for all. */
export async function startChains(
  tx: Transaction,
  ticket: TicketRow,
  mark: StandingMark,
  staff: Staff,
): Promise<EscalationRow[]> {
  const started: EscalationRow[] = [];
  for (const chain of await chainsOf(tx, ticket, mark, staff)) {
    const { clock, startedAt, number } = mark;
    const place = [mark.mark, clock, new Date(startedAt).toISOString(), number].join('/');
    const row = await insertEscalation(tx, ticket.tenant_id, {
      ...{ ticketId: ticket.id, chain, cause: mark.mark, causeKey: `${place}/${chain.name}` },
      ...{ details: { clock, startedAt, number }, dueAt: new Date(mark.dueAt), by: ENGINE },
    });
    if (!row) continue;
    await recordStart(tx, ticket, row);
    started.push(row);
  }
  return started;
}

async function chainsOf(
  tx: Transaction,
  ticket: TicketRow,
  mark: StandingMark,
  staff: Staff,
): Promise<readonly NamedChain[]> {
  const { tenant_id: tenant, priority } = ticket;
  const own = ((await findTriggers(tx, tenant))?.triggers ?? []) as readonly Trigger[];
  const ownNames = chainsFor(own, mark, priority);
  const names = ownNames.length > 0 ? ownNames : chainsFor(staff.triggers, mark, priority);
  const chains: NamedChain[] = [];
  for (const name of names) {
    const row = await findChain(tx, tenant, name);
    const chain = row ? asNamed(row) : staff.chains.get(name);
    if (chain) chains.push(chain);
  }
  return chains;
}

async function recordStart(tx: Transaction, ticket: TicketRow, row: EscalationRow): Promise<void> {
  const { id: escalationId, cause, chain_name: chain, chain_version: version } = row;
  await noteEscalation(tx, row, { kind: 'started', who: ENGINE, data: { cause, chain, version } });
  await appendEntry(tx, ticket, {
    ...{ kind: 'escalation', public: false, by: BY_ENGINE },
    change: { escalation: escalationId, became: 'running', cause, chain },
  });
  await appendEvent(tx, escalationStarted, originOf(ticket), { ticketId: ticket.id, escalationId, cause });
  const object = { kind: 'escalation', id: escalationId };
  const entry = { action: 'escalation.started', actor: ENGINE, object };
  await appendAudit(tx, ticket.tenant_id, { ...entry, after: { ticket: ticket.id, cause, chain, version } });
}

/** Why a chain is over: what it was started for is done, was taken back, or nobody works on the ticket any more. */
export function reasonToEnd(
  row: EscalationRow,
  ticket: TicketRow,
  readings: readonly TicketReading[],
  standing: readonly StandingMark[],
): string | null {
  if (ticket.status === 'closed') return 'ticket_closed';
  if (row.cause === 'alert' || row.cause === 'hand') return ticket.status === 'resolved' ? 'ticket_resolved' : null;
  const { clock, startedAt, number } = row.cause_details as { clock: string; startedAt: number; number: number };
  const stands = standing.some(
    (mark) => mark.clock === clock && mark.startedAt === startedAt && mark.number === number && mark.mark === row.cause,
  );
  if (!stands) return 'deadline_moved';
  const reading = readings.find((one) => one.kind === clock && one.startedAt === startedAt);
  return reading === undefined || reading.state === 'stopped' ? 'target_met' : null;
}

/** Ends a chain, with the reason on its timeline and on the ticket's. */
export async function endChain(tx: Transaction, ticket: TicketRow, row: EscalationRow, reason: string): Promise<void> {
  await endEscalation(tx, row, reason);
  await noteEscalation(tx, row, { kind: 'ended', who: ENGINE, data: { reason } });
  await appendEntry(tx, ticket, {
    ...{ kind: 'escalation', public: false, by: BY_ENGINE },
    change: { escalation: row.id, became: 'ended', reason },
  });
  const told = { ticketId: ticket.id, escalationId: row.id, reason };
  await appendEvent(tx, escalationEnded, originOf(ticket), told);
}

const MOST_TURNS = 100;

/** Takes a chain to now, and does what it asks for. Gives when it goes on by itself. */
export async function takeOn(
  tx: Transaction,
  row: EscalationRow,
  acts: ChainActs,
  staff: Staff,
  now: number,
): Promise<number | null> {
  let state = row.state as ChainState;
  let acknowledged = acknowledgementOf(row);
  let unreached = await wasNobodyReached(tx, row.tenant_id, row.id);
  let changed = false;
  let nextAt: number | null = null;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const around = { now, acknowledged, unreached, onCall: onCallOf(staff), opensAt };
    const advance = advanceChain(row.chain as Chain, state, around);
    ({ state, acknowledged, nextAt } = advance);
    const told: (boolean | null)[] = [];
    for (const act of advance.acts) told.push(await acts.do(row, act));
    changed ||= advance.acts.length > 0 || state !== row.state;
    // a step that reaches nobody lets the chain go on at once
    unreached = told.findLast((one) => one !== null) === false;
    if (!unreached || nextAt === null) break;
  }
  if (changed) await saveCourse(tx, row, { state, acknowledged });
  return nextAt;
}

function acknowledgementOf(row: EscalationRow) {
  if (row.status !== 'acknowledged') return null;
  return { by: row.acknowledged_by!, until: row.acknowledged_until?.getTime() ?? null };
}

function onCallOf({ onCall }: Staff) {
  return (schedule: string) => onCall.get(schedule) ?? null;
}

/** Zones depend on the machine: this is why a chain is taken on in an activity. */
function opensAt({ timezone, weekly }: Within, at: number): number | null {
  const [next] = openings({ timezone, weekly, holidays: [] }, at);
  return next === undefined ? null : Math.max(at, next.from);
}
