import type { ClockRules, Target, TargetKind, Targets } from './ticket-facts.model.js';
import { TARGET_KINDS, WAITING_STATUSES } from './ticket-facts.model.js';
import { ALWAYS, type ServiceCalendar } from './service-calendar.model.js';

/** The calendar that needs no name: around the clock, every day. */
export const ALWAYS_NAME = 'always';

/** What a policy says of tickets of a type, a priority, both, or all. */
export interface PolicyLine {
  readonly type?: string;
  readonly priority?: string;
  /** Business minutes; null is an explicit "no SLA"; what is left out is for a more general line to say. */
  readonly targets: Readonly<Partial<Record<TargetKind, number | null>>>;
  /** A calendar’s name; `always` is around the clock. */
  readonly calendar: string;
}

/** What a tier promises. */
export interface SlaPolicy {
  readonly lines: readonly PolicyLine[];
  /** Left out: those of the more general policy, else the usual ones. */
  readonly rules?: ClockRules;
  /** Percent of the calendar’s hours in a month in which a service is there; null: none is promised. */
  readonly availability?: { readonly percent: number; readonly calendar: string } | null;
}

export const USUAL_RULES: ClockRules = {
  onChange: 'proportional',
  onReopen: 'continue',
  statusIsResponse: false,
  pausingStatuses: WAITING_STATUSES,
};

/** A version of a policy or calendar, by which something came about. */
export interface PolicyVersion {
  /** Whose: the customer’s, or the MSP’s. */
  readonly tenant: string;
  readonly tier: string;
  readonly version: number;
  readonly policy: SlaPolicy;
}

/** Why a target holds. */
export interface TargetSource {
  readonly tenant: string;
  readonly tier: string;
  readonly version: number;
  /** From 0. */
  readonly line: number;
}

/** A target with where it comes from, before its calendar is looked up. Null minutes: "no SLA". */
export interface ChosenTarget extends TargetSource {
  readonly minutes: number | null;
  readonly calendar: string;
  /** What would have held instead, the next first. */
  readonly beats: readonly TargetSource[];
}

interface Candidate extends TargetSource {
  readonly minutes: number | null;
  readonly calendar: string;
  readonly rank: readonly number[];
}

/**
 * Which line gives each target: a customer’s own line before the MSP’s; of one policy a line for type and priority before one
 * for the priority, before one for the type, before one for all; of two alike the first. `policies` are in that order. A kind
 * that no line mentions has no entry.
 */
export function choose(
  policies: readonly PolicyVersion[],
  ticket: { readonly type: string; readonly priority: string },
): Partial<Record<TargetKind, ChosenTarget>> {
  return Object.fromEntries(
    TARGET_KINDS.flatMap((kind) => {
      const candidates = policies
        .flatMap((version, place) => candidatesOf(version, place, kind, ticket))
        .sort((a, b) => compareRanks(a.rank, b.rank));
      const [best, ...others] = candidates;
      if (!best) return [];
      const { minutes, calendar } = best;
      return [[kind, { ...sourceOf(best), minutes, calendar, beats: others.map(sourceOf) }]];
    }),
  );
}

function candidatesOf(
  { tenant, tier, version, policy }: PolicyVersion,
  place: number,
  kind: TargetKind,
  ticket: { readonly type: string; readonly priority: string },
): Candidate[] {
  return policy.lines.flatMap(({ type, priority, targets, calendar }, line) => {
    const minutes = targets[kind];
    const isFor =
      (type === undefined || type === ticket.type) && (priority === undefined || priority === ticket.priority);
    if (!isFor || minutes === undefined) return [];
    const rank = [place, priority === undefined ? 1 : 0, type === undefined ? 1 : 0, line];
    return [{ tenant, tier, version, line, minutes, calendar, rank }];
  });
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function sourceOf({ tenant, tier, version, line }: TargetSource): TargetSource {
  return { tenant, tier, version, line };
}

/** What holds for a ticket, and why: what an entry of kind `targets` keeps. */
export interface TicketSetting {
  readonly targets: Targets;
  readonly rules: ClockRules;
  readonly why: Readonly<Record<TargetKind, TargetWhy>>;
}

/** `none`: no line says anything, or the customer has no tier. */
export type TargetWhy =
  | { readonly kind: 'none' }
  | { readonly kind: 'agreed_date' }
  | ({ readonly kind: 'policy'; readonly calendar: CalendarSource } & Omit<ChosenTarget, 'calendar' | 'minutes'>);

/** Which calendar counts; `always` has no version. */
export interface CalendarSource {
  readonly name: string;
  readonly tenant: string | null;
  readonly version: number | null;
}

/** A calendar as it counts for a customer. */
export interface CalendarVersion {
  readonly source: CalendarSource;
  readonly calendar: ServiceCalendar;
}

export const ALWAYS_VERSION: CalendarVersion = {
  source: { name: ALWAYS_NAME, tenant: null, version: null },
  calendar: ALWAYS,
};

/**
 * Puts together what holds for a ticket. `calendars` has each calendar that a chosen line names; `agreedAt` (epoch
 * milliseconds) is a planned ticket’s date, which takes the place of its resolution target.
 */
export function settingOf(
  policies: readonly PolicyVersion[],
  calendars: ReadonlyMap<string, CalendarVersion>,
  ticket: { readonly type: string; readonly priority: string; readonly agreedAt: number | null },
): TicketSetting {
  const chosen = choose(policies, ticket);
  const parts = TARGET_KINDS.map((kind) => [kind, partOf(kind, chosen[kind], calendars, ticket.agreedAt)] as const);
  return {
    targets: Object.fromEntries(parts.map(([kind, { target }]) => [kind, target])) as unknown as Targets,
    why: Object.fromEntries(parts.map(([kind, { why }]) => [kind, why])) as unknown as TicketSetting['why'],
    rules: policies.map(({ policy }) => policy.rules).find((rules) => rules !== undefined) ?? USUAL_RULES,
  };
}

function partOf(
  kind: TargetKind,
  chosen: ChosenTarget | undefined,
  calendars: ReadonlyMap<string, CalendarVersion>,
  agreedAt: number | null,
): { readonly target: Target | null; readonly why: TargetWhy } {
  if (kind === 'resolution' && agreedAt !== null)
    return { target: { kind: 'date', at: agreedAt }, why: { kind: 'agreed_date' } };
  if (!chosen) return { target: null, why: { kind: 'none' } };
  const { minutes, calendar: name, ...source } = chosen;
  const { calendar, source: from } = calendars.get(name)!;
  const why = { kind: 'policy' as const, ...source, calendar: from };
  return { target: minutes === null ? null : { kind: 'minutes', minutes, calendar }, why };
}

/** The calendars that lines of these policies name for a ticket. */
export function calendarsNeeded(
  policies: readonly PolicyVersion[],
  ticket: { readonly type: string; readonly priority: string },
): readonly string[] {
  return [...new Set(Object.values(choose(policies, ticket)).map(({ calendar }) => calendar))];
}
