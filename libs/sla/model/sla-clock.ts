import { ProportionalWithoutTarget, TargetOutOfReach } from './sla.errors.js';
import { openings, type Span } from './opening-hours.js';
import type { ServiceCalendar } from './service-calendar.model.js';
import { WARNING_SHARE, type ClockLife, type ClockReading, type TargetChange } from './sla-clock.model.js';
import { knownPauses, without } from './spans.model.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

const MINUTE_MS = 60_000;

/** A stretch in which the clock runs, and the counter (minutes) at its ends; between them it grows evenly. */
interface Stretch extends Span {
  readonly atStart: number;
  readonly atEnd: number;
}

/**
 * Reads a clock at `now` (epoch milliseconds) by what is known then: pauses and changes that begin later do not count, and
 * a pause that has not ended by then has no end.
 *
 * Throws `ProportionalWithoutTarget` for a proportional change from or to a target of 0, and `TargetOutOfReach` when the
 * calendar does not open often enough in forty years.
 */
export function readClock(life: ClockLife, now: number): ClockReading {
  const changes = knownChanges(life.changes, now);
  const pauses = knownPauses(life.pauses, now);
  const phases = phasesOf(life, changes);
  const counted = countPhases(phases, pauses);
  const current = phases.at(-1)!;
  const reach = (minutes: number): number | null => firstReach(minutes, counted, current, pauses);

  const { targetMinutes } = current;
  const dueAt = reach(targetMinutes);
  const elapsedMinutes = rounded(counterAt(now, counted, current, pauses));
  const breached = dueAt !== null && dueAt <= now;
  return {
    dueAt,
    warnAt: reach(targetMinutes * WARNING_SHARE),
    elapsedMinutes,
    remainingMinutes: rounded(targetMinutes - elapsedMinutes),
    breached,
    breachedAt: breached ? dueAt : null,
    targetMinutes,
  };
}

/**
 * When a clock ran up to `now` (epoch milliseconds), opening by opening, each phase by its own calendar.
 */
export function* runningSpans(life: ClockLife, now: number): Generator<Span> {
  const pauses = knownPauses(life.pauses, now);
  for (const phase of phasesOf(life, knownChanges(life.changes, now)))
    yield* runningIn({ ...phase, to: Math.min(phase.to, now) }, pauses);
}

function knownChanges(changes: readonly TargetChange[], now: number): TargetChange[] {
  return changes.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
}

/** The life between two changes: one target, one calendar. The last one has no end. */
interface Phase extends Span {
  readonly calendar: ServiceCalendar;
  readonly targetMinutes: number;
  /** The change that began it; none began the first. */
  readonly change: TargetChange | null;
}

function phasesOf({ calendar, targetMinutes, startedAt }: ClockLife, changes: readonly TargetChange[]): Phase[] {
  const from = (at: number): number => Math.max(at, startedAt);
  let phases: Phase[] = [{ from: startedAt, to: Infinity, calendar, targetMinutes, change: null }];
  for (const change of changes) {
    const last = phases.at(-1)!;
    const next = change.calendar ?? last.calendar;
    const before = [...phases.slice(0, -1), { ...last, to: from(change.at) }];
    phases = [
      ...(change.policy === 'recompute' ? before.map((phase) => ({ ...phase, calendar: next })) : before),
      { from: from(change.at), to: Infinity, calendar: next, targetMinutes: change.targetMinutes, change },
    ];
  }
  return phases;
}

/** What was counted up to the last change, as its policies have left it. */
function countPhases(phases: readonly Phase[], pauses: readonly Span[]): Stretch[] {
  let counted: Stretch[] = [];
  phases.forEach((phase, index) => {
    if (phase.change) counted = carriedOver(counted, phase.change, phases[index - 1]!.targetMinutes);
    if (index < phases.length - 1) counted = [...counted, ...stretches(phase, counterOf(counted), pauses)];
  });
  return counted;
}

function carriedOver(counted: Stretch[], { policy, targetMinutes }: TargetChange, targetBefore: number): Stretch[] {
  if (policy === 'recompute') return counted;
  if (policy === 'reset') return [];
  if (targetBefore === 0 || targetMinutes === 0) throw new ProportionalWithoutTarget();
  const factor = targetMinutes / targetBefore;
  return counted.map((one) => ({ ...one, atStart: one.atStart * factor, atEnd: one.atEnd * factor }));
}

function counterOf(counted: readonly Stretch[]): number {
  return counted.at(-1)?.atEnd ?? 0;
}

function* stretches(phase: Phase, counter: number, pauses: readonly Span[]): Generator<Stretch> {
  let atStart = counter;
  for (const { from, to } of runningIn(phase, pauses)) {
    const atEnd = atStart + (to - from) / MINUTE_MS;
    yield { from, to, atStart, atEnd };
    atStart = atEnd;
  }
}

/** When the clock runs in a phase. It ends early when it is paused for good. */
function* runningIn({ from, to, calendar }: Phase, pauses: readonly Span[]): Generator<Span> {
  const lastPause = pauses.at(-1);
  const end = lastPause?.to === Infinity ? Math.min(to, lastPause.from) : to;
  if (from >= end) return;
  for (const opening of openings(calendar, from)) {
    if (opening.from >= end) return;
    yield* without({ from: opening.from, to: Math.min(opening.to, end) }, pauses);
  }
}

function counterAt(now: number, counted: readonly Stretch[], current: Phase, pauses: readonly Span[]): number {
  let counter = counterOf(counted);
  for (const { from, to } of runningIn({ ...current, to: now }, pauses)) counter += (to - from) / MINUTE_MS;
  return counter;
}

/** The first instant at which the counter is at `minutes`; null when an open pause comes before. */
function firstReach(
  minutes: number,
  counted: readonly Stretch[],
  current: Phase,
  pauses: readonly Span[],
): number | null {
  const past = counted.find(({ atEnd }) => reaches(atEnd, minutes));
  if (past) return instantIn(past, minutes);
  for (const stretch of stretches(current, counterOf(counted), pauses))
    if (reaches(stretch.atEnd, minutes)) return instantIn(stretch, minutes);
  if (pauses.at(-1)?.to === Infinity) return null;
  throw new TargetOutOfReach(`The calendar is not open for ${minutes} minutes within forty years.`);
}

/** A nanosecond's slack: a share of a target is no exact number of milliseconds. */
const SLACK_MINUTES = 1e-9;

function reaches(counter: number, minutes: number): boolean {
  return counter >= minutes - SLACK_MINUTES;
}

function instantIn({ from, to, atStart, atEnd }: Stretch, minutes: number): number {
  const share = atEnd === atStart ? 0 : (minutes - atStart) / (atEnd - atStart);
  return Math.round(from + Math.min(1, Math.max(0, share)) * (to - from));
}

function rounded(minutes: number): number {
  return Math.round(minutes * 1e6) / 1e6;
}
