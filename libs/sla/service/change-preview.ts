import { canonicalJson } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import {
  ALWAYS_NAME,
  ALWAYS_VERSION,
  calendarsNeeded,
  serviceCalendarOf,
  settingOf,
  type CalendarVersion,
  type NamedCalendar,
  type PolicyVersion,
  type SlaPolicy,
  type TargetKind,
  type TicketFact,
  type TicketSetting,
} from '../model/index.js';
import { readTicket, type TicketReading } from '../model/ticket-readings.js';
import { openTickets, type OpenTicket } from '../store/change.store.js';
import { calendarFor, policiesFor, tierOf } from '../store/promise.store.js';
import { factsOf } from '../store/ticket-facts.store.js';

/** What somebody is about to save, and whose it is. */
export type Draft = { readonly owner: string } & (
  | { readonly kind: 'policy'; readonly tier: string; readonly policy: SlaPolicy }
  | { readonly kind: 'calendar'; readonly name: string; readonly calendar: NamedCalendar }
  | { readonly kind: 'tier'; readonly tier: string | null }
);

/** A deadline that would move. Instants are epoch milliseconds; null: there is none, or nobody can know it while it waits. */
export interface Move {
  readonly tenant: string;
  readonly ticketId: string;
  readonly number: number;
  readonly kind: TargetKind;
  readonly from: number | null;
  readonly to: number | null;
  readonly breachedBefore: boolean;
  readonly breachedAfter: boolean;
}

/** What a draft would move, of so many open tickets that were looked at. */
export interface Moves {
  readonly looked: number;
  /** There are more open tickets than were looked at. */
  readonly more: boolean;
  readonly moves: readonly Move[];
}

/**
 * Which deadlines of open tickets would move if the draft counted from `at` (epoch milliseconds), by the functions that
 * move them afterwards.
 */
export async function movesOf(
  tx: Transaction,
  tenants: readonly string[],
  draft: Draft,
  at: number,
  most: number,
): Promise<Moves> {
  const promises = new Map<string, Promised>();
  for (const tenant of tenants) {
    const promised = await promisedUnder(tx, tenant, draft, at);
    if (promised.isTouched) promises.set(tenant, promised);
  }
  const found = await openTickets(tx, [...promises.keys()], null, most + 1);
  const moves: Move[] = [];
  for (const ticket of found.slice(0, most)) {
    const setting = await settingUnder(tx, promises.get(ticket.tenant_id)!, draft, ticket, at);
    const facts = await factsOf(tx, ticket.tenant_id, ticket.id);
    moves.push(...movesOfTicket(ticket, facts, setting, at));
  }
  return { looked: Math.min(found.length, most), more: found.length > most, moves };
}

interface Promised {
  readonly tenant: string;
  readonly policies: readonly PolicyVersion[];
  /** Whether the draft is about this customer at all. */
  readonly isTouched: boolean;
}

async function promisedUnder(tx: Transaction, tenant: string, draft: Draft, at: number): Promise<Promised> {
  const present = (await tierOf(tx, tenant))?.tier ?? null;
  const tier = draft.kind === 'tier' && draft.owner === tenant ? draft.tier : present;
  const saved = tier === null ? [] : await policiesFor(tx, tenant, tier, new Date(at));
  if (draft.kind !== 'policy')
    return { tenant, policies: saved, isTouched: draft.kind === 'calendar' || draft.owner === tenant };
  const own = { tenant: draft.owner, tier: draft.tier, version: nextVersion(saved, draft.owner), policy: draft.policy };
  const others = saved.filter((one) => one.tenant !== draft.owner);
  // a customer's own come first
  const policies = draft.owner === tenant ? [own, ...others] : [...others, own];
  return { tenant, policies, isTouched: tier === draft.tier };
}

function nextVersion(saved: readonly PolicyVersion[], owner: string): number {
  return (saved.find(({ tenant }) => tenant === owner)?.version ?? 0) + 1;
}

async function settingUnder(
  tx: Transaction,
  { tenant, policies }: Promised,
  draft: Draft,
  { type, priority, agreed_at }: OpenTicket,
  at: number,
): Promise<TicketSetting> {
  const calendars = new Map<string, CalendarVersion>([[ALWAYS_NAME, ALWAYS_VERSION]]);
  for (const name of calendarsNeeded(policies, { type, priority })) {
    if (calendars.has(name)) continue;
    const saved = await calendarFor(tx, tenant, name, new Date(at));
    const isDraft =
      draft.kind === 'calendar' && draft.name === name && (draft.owner === tenant || saved?.tenant !== tenant);
    const chosen = isDraft
      ? { tenant: draft.owner, version: (saved?.version ?? 0) + 1, calendar: draft.calendar }
      : saved!;
    const source = { name, tenant: chosen.tenant, version: chosen.version };
    calendars.set(name, { source, calendar: serviceCalendarOf(chosen.calendar) });
  }
  return settingOf(policies, calendars, { type, priority, agreedAt: agreed_at?.getTime() ?? null });
}

/** The deadlines of a ticket that move when a setting counts from `at`; clocks that have stopped stay what they are. */
export function movesOfTicket(
  ticket: OpenTicket,
  facts: readonly TicketFact[],
  { targets, rules }: TicketSetting,
  at: number,
): Move[] {
  const last = facts.findLast((fact) => fact.kind === 'opened' || fact.kind === 'targets');
  if (last && canonicalJson([last.targets, last.rules]) === canonicalJson([targets, rules])) return [];
  const after = readTicket([...facts, { kind: 'targets', at, targets, rules }], at);
  const before = readTicket(facts, at);
  const keys = [...new Set([...before, ...after].map(keyOf))];
  return keys.flatMap((key) => {
    const [was, is] = [before, after].map((readings) => readings.find((one) => keyOf(one) === key));
    const { kind, state } = (is ?? was)!;
    const [from, to] = [was?.dueAt ?? null, is?.dueAt ?? null];
    if (state === 'stopped' || (from === to && was?.breached === is?.breached)) return [];
    const breached = { breachedBefore: was?.breached ?? false, breachedAfter: is?.breached ?? false };
    return [{ tenant: ticket.tenant_id, ticketId: ticket.id, number: ticket.number, kind, from, to, ...breached }];
  });
}

function keyOf({ kind, startedAt }: TicketReading): string {
  return `${kind} ${startedAt}`;
}
