import { canonicalJson } from '#libs/kernel';
import type { ClockLife, Pause, TargetChange } from './sla-clock.model.js';
import type { ServiceCalendar } from './service-calendar.model.js';
import type { ClockRules, Target, TargetKind, TicketFact, TicketStatus } from './ticket-facts.model.js';

/** Why a clock stood still, in its order. Instants are epoch milliseconds; null: still so. */
export interface Halt extends Pause {
  readonly status: TicketStatus;
  readonly by?: string;
  readonly reason?: string;
}

/** One clock of a ticket: of the update there is one for each answer. */
export interface TicketClock {
  readonly kind: TargetKind;
  readonly startedAt: number;
  /** When what was promised was done; null: it runs. */
  readonly stoppedAt: number | null;
  readonly halts: readonly Halt[];
  readonly measure: Measure;
}

/** How it is measured: by a counter of business time, or against a date. */
export type Measure =
  { readonly kind: 'counter'; readonly life: ClockLife } | { readonly kind: 'date'; readonly at: number };

/**
 * The clocks of a ticket from its facts, which are in their order: a target that does not apply has none, and of updates
 * only answered tickets have one. First response runs from the opening to the first public answer by a person (or, where
 * the policy says so, to the first work); update from each such answer to the next; resolution to `resolved`. All stand
 * still while the ticket waits.
 */
export function ticketClocks(facts: readonly TicketFact[]): TicketClock[] {
  const opened = facts[0];
  if (opened?.kind !== 'opened') throw new Error('A ticket begins with its opening.');
  const answers = facts.filter(({ kind }) => kind === 'answered').map(({ at }) => at);
  const resolved = resolvedSpans(facts);
  const endOfWork = lastResolved(resolved);
  const response = earliest(answers[0], firstWork(facts), resolved[0]?.from);
  const clocks = [
    clockOf('first_response', opened.at, response ?? null, facts),
    ...answers.map((at, index) =>
      clockOf('update', at, earliest(answers[index + 1], nextEnd(resolved, at)) ?? null, facts),
    ),
    clockOf('resolution', opened.at, endOfWork, facts),
  ];
  return clocks.filter((clock) => clock !== null);
}

function clockOf(
  kind: TargetKind,
  startedAt: number,
  stoppedAt: number | null,
  facts: readonly TicketFact[],
): TicketClock | null {
  const settings = facts.filter((fact) => fact.kind === 'opened' || fact.kind === 'targets');
  const before = settings.filter(({ at }) => at <= startedAt).at(-1)!;
  const later = settings.filter(({ at }) => at > startedAt && (stoppedAt === null || at <= stoppedAt));
  const target = [before, ...later].map(({ targets }) => targets[kind]);
  const current = target.at(-1);
  if (!current) return null;
  const halts = haltsOf(facts, kind);
  const base = { kind, startedAt, stoppedAt, halts };
  if (current.kind === 'date') return { ...base, measure: { kind: 'date', at: current.at } };
  const life = lifeOf(kind, startedAt, [before, ...later], facts);
  return { ...base, measure: { kind: 'counter', life: { ...life, pauses: halts } } };
}

type Setting = Extract<TicketFact, { kind: 'opened' | 'targets' }>;

/** A target that comes after "no SLA" or a date counts from the beginning, as if it had always held. */
function lifeOf(
  kind: TargetKind,
  startedAt: number,
  settings: readonly Setting[],
  facts: readonly TicketFact[],
): ClockLife {
  const counted = settings.flatMap(({ at, targets, rules }) => {
    const target = targets[kind];
    return target?.kind === 'minutes' ? [{ at, target, rules }] : [];
  });
  const first = counted[0]!;
  const changes = counted.slice(1).flatMap(({ at, target, rules }, index) => {
    const { target: former } = counted[index]!;
    return isSame(former, target) ? [] : [changeOf(at, target, former.calendar, rules)];
  });
  const { minutes: targetMinutes, calendar } = first.target;
  const reopenings = kind === 'resolution' ? resetsAtReopening(facts, counted) : [];
  return { calendar, targetMinutes, startedAt, pauses: [], changes: [...changes, ...reopenings] };
}

type Minutes = Extract<Target, { kind: 'minutes' }>;

function isSame(a: Minutes, b: Minutes): boolean {
  return a.minutes === b.minutes && isSameCalendar(a.calendar, b.calendar);
}

/** However it is written: records keep keys in an order of their own. */
function isSameCalendar(a: ServiceCalendar, b: ServiceCalendar): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function changeOf(
  at: number,
  { minutes, calendar }: Minutes,
  former: ServiceCalendar,
  rules: ClockRules,
): TargetChange {
  const change = { at, targetMinutes: minutes, policy: rules.onChange };
  return isSameCalendar(calendar, former) ? change : { ...change, calendar };
}

function resetsAtReopening(
  facts: readonly TicketFact[],
  counted: readonly { readonly at: number; readonly target: Minutes; readonly rules: ClockRules }[],
): TargetChange[] {
  return resolvedSpans(facts).flatMap(({ to }) => {
    if (to === null) return [];
    const inForce = counted.filter(({ at }) => at <= to).at(-1) ?? counted[0]!;
    const { target, rules } = inForce;
    return rules.onReopen === 'reset' ? [{ at: to, targetMinutes: target.minutes, policy: 'reset' as const }] : [];
  });
}

/** When the ticket stood in a status that stops its clocks; for its resolution also while it was resolved. */
function haltsOf(facts: readonly TicketFact[], kind: TargetKind): Halt[] {
  const halts: Halt[] = [];
  let rules: ClockRules | undefined;
  let status: TicketStatus = 'new';
  let open: Halt | null = null;
  for (const fact of facts) {
    if (fact.kind === 'opened' || fact.kind === 'targets') ({ rules } = fact);
    if (fact.kind === 'status') ({ status } = fact);
    const isHalted = rules!.pausingStatuses.includes(status) || (kind === 'resolution' && isResolved(status));
    if (open && (!isHalted || open.status !== status)) {
      halts.push({ ...open, to: fact.at });
      open = null;
    }
    if (isHalted && !open) open = { from: fact.at, to: null, status, ...whoAndWhy(fact) };
  }
  return open ? [...halts, open] : halts;
}

function whoAndWhy({ by, reason }: TicketFact): { by?: string; reason?: string } {
  return { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
}

function isResolved(status: TicketStatus): boolean {
  return status === 'resolved' || status === 'closed';
}

/** From each time that it was resolved to the reopening after it; null: it still is. */
function resolvedSpans(facts: readonly TicketFact[]): Pause[] {
  const spans: Pause[] = [];
  let from: number | null = null;
  for (const fact of facts) {
    if (fact.kind !== 'status') continue;
    if (isResolved(fact.status)) from ??= fact.at;
    else if (from !== null) {
      spans.push({ from, to: fact.at });
      from = null;
    }
  }
  return from === null ? spans : [...spans, { from, to: null }];
}

function lastResolved(spans: readonly Pause[]): number | null {
  const last = spans.at(-1);
  return last?.to === null ? last.from : null;
}

function nextEnd(resolved: readonly Pause[], after: number): number | undefined {
  return resolved.map(({ from }) => from).find((from) => from >= after);
}

/** When work began that the policy then in force takes for a response. */
function firstWork(facts: readonly TicketFact[]): number | undefined {
  let isResponse = false;
  for (const fact of facts) {
    if (fact.kind === 'opened' || fact.kind === 'targets') isResponse = fact.rules.statusIsResponse;
    if (fact.kind === 'status' && fact.status === 'in_progress' && isResponse) return fact.at;
  }
  return undefined;
}

function earliest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
