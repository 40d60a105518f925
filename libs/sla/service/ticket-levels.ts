import type { Transaction } from '#libs/platform/database';
import {
  ticketClocks,
  TARGET_KINDS,
  type TargetKind,
  type TargetWhy,
  type TicketFact,
  type TicketSetting,
} from '../model/index.js';
import { liftedBreaches, readTicketClock, segmentsOf } from '../model/ticket-readings.js';
import type { LiftedBreach, Segment, TicketReading } from '../model/ticket-readings.js';
import { factsOf } from '../store/ticket-facts.store.js';
import { presentInstant } from '../store/present-instant.js';

/** A clock with how it came to what it shows. */
export interface ExplainedClock extends TicketReading {
  /** The zone of its calendar; null for an agreed date. */
  readonly timezone: string | null;
  readonly why: TargetWhy;
  readonly segments: readonly Segment[];
}

/** Everything there is to say about a ticket's deadlines. Instants are epoch milliseconds. */
export interface TicketLevels {
  readonly state: 'live' | 'frozen';
  /** As of when. */
  readonly readAt: number;
  readonly clocks: readonly ExplainedClock[];
  /** What is not promised, and why. */
  readonly without: readonly { readonly kind: TargetKind; readonly why: TargetWhy }[];
  readonly lifted: readonly LiftedBreach[];
}

/** Explains a ticket's clocks: of an open one as of now, of a closed one as they were frozen. */
export async function ticketLevels(tx: Transaction, tenant: string, ticketId: string): Promise<TicketLevels> {
  const verdict = await tx
    .selectFrom('sla_verdicts')
    .select('clocks')
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .executeTakeFirst();
  if (verdict) return { ...(verdict.clocks as TicketLevels), state: 'frozen' };
  return explainedNow(tx, await factsOf(tx, tenant, ticketId));
}

/**
 * Explains the clocks of these facts as of now. An entry can bear a later instant than the transaction that writes the next
 * one, which waited for the lock: what happened is known all the same.
 */
export async function explainedNow(tx: Transaction, facts: readonly TicketFact[]): Promise<TicketLevels> {
  const now = await presentInstant(tx);
  return explained(facts, Math.max(now, ...facts.map(({ at }) => at)));
}

/** Explains the clocks of these facts as of `now`. */
export function explained(facts: readonly TicketFact[], now: number): TicketLevels {
  const known = facts.filter(({ at }) => at <= now);
  const clocks = known.length === 0 ? [] : ticketClocks(known);
  return {
    ...{ state: 'live', readAt: now },
    clocks: clocks.map((clock) => ({
      ...readTicketClock(clock, now),
      timezone: clock.measure.kind === 'counter' ? clock.measure.life.calendar.timezone : null,
      // a clock that has stopped keeps the reason that held then
      why: whyAt(known, clock.stoppedAt ?? now)[clock.kind],
      segments: segmentsOf(clock, now),
    })),
    without: TARGET_KINDS.filter(
      (kind) => hasNoTarget(known, kind) && !clocks.some((clock) => clock.kind === kind),
    ).map((kind) => ({ kind, why: whyAt(known, now)[kind] })),
    lifted: liftedBreaches(known, now),
  };
}

type Setting = Extract<TicketFact, { kind: 'opened' | 'targets' }>;

function lastSetting(facts: readonly TicketFact[]): Setting | undefined {
  return facts.filter((fact): fact is Setting => fact.kind === 'opened' || fact.kind === 'targets').at(-1);
}

function hasNoTarget(facts: readonly TicketFact[], kind: TargetKind): boolean {
  return (lastSetting(facts)?.targets[kind] ?? null) === null;
}

const NOTHING: TargetWhy = { kind: 'none' };

/** Entries keep more than clocks need: also why. */
function whyAt(facts: readonly TicketFact[], instant: number): TicketSetting['why'] {
  const setting = lastSetting(facts.filter(({ at }) => at <= instant)) as
    (Setting & Partial<Pick<TicketSetting, 'why'>>) | undefined;
  return setting?.why ?? { first_response: NOTHING, update: NOTHING, resolution: NOTHING };
}
