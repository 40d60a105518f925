import { satisfiesDependants } from './outcome.js';
import type { GraphStep, Plan, RunGraph } from './plan.js';
import type { RunState } from './run-state.js';

/**
 * Steps whose deadline was missed and not yet told: at the deadline not proven done, or ended before it without having
 * been done. A leaver who is not locked out in time is an alarm, whatever the reason, unless the run was called off: then
 * nobody is to be locked out.
 */
export function newlyMissed(graph: RunGraph, state: RunState, now: number): readonly GraphStep[] {
  if (state.cancel) return [];
  return graph.steps.filter((step) => {
    if (!step.deadline || state.missed?.includes(step.id)) return false;
    const { status, outcome } = state.steps[step.id]!;
    if (status === 'ended') return outcome !== null && !satisfiesDependants(outcome) && outcome !== 'compensated';
    return Date.parse(step.deadline) <= now;
  });
}

export function markMissed(state: RunState, stepIds: readonly string[]): RunState {
  return { ...state, missed: [...(state.missed ?? []), ...stepIds] };
}

/**
 * Steps whose time had passed before the approval came. What happens as soon as it is approved has no time of its own and
 * is never late.
 */
export function lateSteps(plan: Plan, approvedAt: Date): ReadonlySet<string> {
  const due = (step: GraphStep): string => step.notBefore ?? plan.startsAt;
  const late = plan.steps.filter((step) => Date.parse(due(step)) < approvedAt.getTime());
  return new Set(plan.process === 'reinstatement' ? [] : late.map((step) => step.id));
}

/** A reminder of an open manual step that is due; `number` counts from 1. */
export interface DueReminder {
  readonly stepId: string;
  readonly number: number;
}

/** Reminders that are due at `now` (epoch milliseconds). Several that were missed count as one, the latest. */
export function dueReminders(graph: RunGraph, state: RunState, now: number): readonly DueReminder[] {
  return openManual(graph, state).flatMap((step) => {
    const number = step.manual!.remindAt.filter((at) => Date.parse(at) <= now).length;
    return number > (state.reminded?.[step.id] ?? 0) ? [{ stepId: step.id, number }] : [];
  });
}

export function markReminded(state: RunState, reminders: readonly DueReminder[]): RunState {
  const reminded = Object.fromEntries(reminders.map(({ stepId, number }) => [stepId, number]));
  return { ...state, reminded: { ...state.reminded, ...reminded } };
}

/** The next instant (epoch milliseconds) at which a deadline or a reminder has to be looked at, or null. */
export function nextWatch(graph: RunGraph, state: RunState, now: number): number | null {
  const deadlines = graph.steps
    .filter((step) => step.deadline && state.steps[step.id]!.status !== 'ended' && !state.missed?.includes(step.id))
    .map((step) => Date.parse(step.deadline!));
  const reminders = openManual(graph, state).flatMap((step) => step.manual!.remindAt.map((at) => Date.parse(at)));
  const coming = [...deadlines, ...reminders].filter((at) => at > now);
  return coming.length > 0 ? Math.min(...coming) : null;
}

function openManual(graph: RunGraph, state: RunState): readonly GraphStep[] {
  return graph.steps.filter((step) => step.manual && state.steps[step.id]?.status === 'running');
}

const HOUR = 3_600_000;

/** How long before its deadline an unapproved request is escalated, the first level first. */
const ESCALATION_LEADS = [24 * HOUR, 4 * HOUR, HOUR, HOUR / 4];

/** When whom the approval waits for is told more loudly: `level` counts from 1; the last one is the deadline itself. */
export interface Escalation {
  readonly level: number;
  readonly at: number;
}

/**
 * The next escalation of a request that waits for approval. What has passed when the plan was presented is left out,
 * except that a plan presented late is escalated at once, before its deadline. Null after the deadline was told.
 */
export function nextEscalation(deadline: number, presentedAt: number, told: number): Escalation | null {
  const levels = [...ESCALATION_LEADS.map((lead) => deadline - lead), deadline].map((at, index) => ({
    level: index + 1,
    at,
  }));
  const passed = levels.filter(({ at }) => at < presentedAt);
  const begin = passed.length > 0 && told === 0 ? passed[passed.length - 1] : undefined;
  if (begin) return { level: begin.level, at: presentedAt };
  return levels.find(({ level, at }) => level > told && at >= presentedAt) ?? null;
}

/** The earliest deadline of a plan (epoch milliseconds), or null. */
export function firstDeadline(graph: RunGraph): number | null {
  const deadlines = graph.steps.flatMap((step) => (step.deadline ? [Date.parse(step.deadline)] : []));
  return deadlines.length > 0 ? Math.min(...deadlines) : null;
}

/** The level that stands for the deadline itself having passed. */
export const DEADLINE_LEVEL = ESCALATION_LEADS.length + 1;
