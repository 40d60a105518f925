import { readClock, runningSpans } from './sla-clock.js';
import { WARNING_SHARE, type ClockReading } from './sla-clock.model.js';
import { ticketClocks, type Halt, type TicketClock } from './ticket-clocks.model.js';
import type { TargetKind, TicketFact, TicketStatus } from './ticket-facts.model.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const MINUTE_MS = 60_000;

/** What a ticket's clock shows. Instants are epoch milliseconds. */
export interface TicketReading extends Omit<ClockReading, 'targetMinutes'> {
  readonly kind: TargetKind;
  readonly state: 'running' | 'paused' | 'stopped';
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  /** Null for an agreed date, whose minutes are real ones. */
  readonly targetMinutes: number | null;
}

/** Reads every clock of a ticket at `now`; one that has stopped shows what it showed then. */
export function readTicket(facts: readonly TicketFact[], now: number): TicketReading[] {
  const known = facts.filter(({ at }) => at <= now);
  return known.length === 0 ? [] : ticketClocks(known).map((clock) => readTicketClock(clock, now));
}

export function readTicketClock(clock: TicketClock, now: number): TicketReading {
  const { kind, startedAt, stoppedAt, measure } = clock;
  const at = stoppedAt ?? now;
  const { targetMinutes, ...reading } =
    measure.kind === 'counter' ? readClock(measure.life, at) : readDate(measure.at, startedAt, at);
  return { kind, state: stateOf(clock), startedAt, stoppedAt, targetMinutes, ...reading };
}

type DateReading = Omit<ClockReading, 'targetMinutes'> & { readonly targetMinutes: null };

/** A date is agreed: it passes whether anybody works or not. */
function readDate(dueAt: number, startedAt: number, now: number): DateReading {
  const breached = dueAt <= now;
  return {
    dueAt,
    warnAt: Math.round(startedAt + WARNING_SHARE * (dueAt - startedAt)),
    elapsedMinutes: Math.max(0, now - startedAt) / MINUTE_MS,
    remainingMinutes: (dueAt - now) / MINUTE_MS,
    breached,
    breachedAt: breached ? dueAt : null,
    targetMinutes: null,
  };
}

function stateOf({ stoppedAt, measure, halts }: TicketClock): TicketReading['state'] {
  if (stoppedAt !== null) return 'stopped';
  return measure.kind === 'counter' && halts.at(-1)?.to === null ? 'paused' : 'running';
}

/** A part of a clock's life; what lies between two parts was outside service hours. */
export interface Segment {
  readonly state: 'running' | 'paused';
  readonly from: number;
  readonly to: number;
  /** Minutes of service in it. */
  readonly businessMinutes: number;
  readonly status?: TicketStatus;
  readonly by?: string;
  readonly reason?: string;
}

/** How a clock came to what it shows at `now`: when it ran and when it stood still, and why. None for an agreed date. */
export function segmentsOf({ stoppedAt, halts, measure }: TicketClock, now: number): Segment[] {
  if (measure.kind === 'date') return [];
  const { life } = measure;
  const until = stoppedAt ?? now;
  const running = [...runningSpans(life, until)].map((span) => ({ state: 'running' as const, ...measured(span) }));
  const service = [...runningSpans({ ...life, pauses: [] }, until)];
  const paused = halts
    .filter(({ from }) => from < until)
    .map((halt) => pausedSegment({ ...halt, to: Math.min(halt.to ?? until, until) }, life.startedAt, service));
  return [...running, ...paused].sort((a, b) => a.from - b.from);
}

function pausedSegment(halt: Halt & { readonly to: number }, startedAt: number, service: readonly Span[]): Segment {
  const { status, by, reason } = halt;
  const [from, to] = [Math.max(halt.from, startedAt), halt.to];
  const inside = service.map((span) => Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)));
  return {
    ...{ state: 'paused' as const, from, to, status },
    businessMinutes: inside.reduce((sum, ms) => sum + ms, 0) / MINUTE_MS,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function measured({ from, to }: Span): Span & { readonly businessMinutes: number } {
  return { from, to, businessMinutes: (to - from) / MINUTE_MS };
}

/** A breach that a later change took back; it stays on record. */
export interface LiftedBreach {
  readonly kind: TargetKind;
  readonly breachedAt: number;
  readonly liftedAt: number;
  readonly by?: string;
  readonly reason?: string;
}

/** The breaches that were lifted up to `now`, by whom and why: read before and after each fact that can lift one. */
export function liftedBreaches(facts: readonly TicketFact[], now: number): LiftedBreach[] {
  return facts.flatMap((fact, index) => {
    if (index === 0 || fact.at > now || fact.kind === 'answered') return [];
    const before = readTicket(facts.slice(0, index), fact.at).filter(({ breached }) => breached);
    if (before.length === 0) return [];
    const after = readTicket(facts.slice(0, index + 1), fact.at);
    const lifted = before.filter((one) => !after.some((other) => isSameClock(one, other) && other.breached));
    const { at: liftedAt, by, reason } = fact;
    return lifted.map(({ kind, breachedAt }) => ({
      ...{ kind, breachedAt: breachedAt!, liftedAt },
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
    }));
  });
}

function isSameClock(a: TicketReading, b: TicketReading): boolean {
  return a.kind === b.kind && a.startedAt === b.startedAt;
}
