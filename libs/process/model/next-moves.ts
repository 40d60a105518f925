import type { GraphStep, RunGraph } from './plan.js';
import { satisfiesDependants } from './outcome.js';
import { heldSteps, type Refusal, type RunState } from './run-state.js';

/** What a waiting run waits for, as people see it. */
export type WaitingFor =
  | { readonly kind: 'time'; readonly until: string }
  | { readonly kind: 'approval'; readonly steps: readonly string[]; readonly identity: boolean }
  | { readonly kind: 'resume' }
  | { readonly kind: 'agreement' }
  | { readonly kind: 'person'; readonly steps: readonly string[]; readonly until: string }
  | { readonly kind: 'system'; readonly system: string; readonly code: string };

/** What the step runner does next. */
export interface Moves {
  /** Steps to start now; those of one group touch the same system and may share an activity. */
  readonly groups: readonly (readonly GraphStep[])[];
  /** Steps to hand to a person now. */
  readonly manual: readonly GraphStep[];
  /** The earliest instant (epoch milliseconds) at which another step becomes due, if time is all that is missing. */
  readonly wakeAt: number | null;
  /** Every step ended; what is left is to undo or to close. */
  readonly ended: boolean;
  /** Set when nothing runs and nothing can start. */
  readonly waitingFor: WaitingFor | null;
}

/**
 * Decides what to do next from the plan, the state and the time (epoch milliseconds). A step is ready when it is
 * pending, its time has come and every step it depends on reached its desired state. An access-critical step does not
 * wait for a step that drift holds (design, rule 7); a drift of the identity holds everything. A lock-out goes on in a run
 * that is paused.
 */
export function nextMoves(graph: RunGraph, state: RunState, now: number): Moves {
  const steps = graph.steps.filter((step) => state.steps[step.id]?.status === 'pending');
  const open = Object.values(state.steps).some((step) => step.status !== 'ended');
  if (!open) return { groups: [], manual: [], wakeAt: null, ended: true, waitingFor: null };
  const inHands = graph.steps.filter((step) => step.manual && state.steps[step.id]?.status === 'running');
  const running = graph.steps.some(
    (step) => state.steps[step.id]?.status === 'running' && !step.manual && !isRefused(state, step.id),
  );
  const free = state.identityHeld
    ? []
    : steps.filter((step) => isFree(state, step) && dependenciesReached(graph, step, state));
  const due = free.filter((step) => dueAt(graph, step, state) <= now);
  const later = free.map((step) => dueAt(graph, step, state)).filter((at) => at > now);
  const wakeAt = later.length > 0 ? Math.min(...later) : null;
  // what is asked again shows as waiting until it begins
  const idle = !running && due.every((step) => isRefused(state, step.id));
  return {
    groups: bySystem(due.filter((step) => !step.manual)),
    manual: due.filter((step) => step.manual),
    wakeAt,
    ended: false,
    waitingFor: idle ? waitingFor(state, wakeAt, inHands) : null,
  };
}

/** When a step may begin, or be asked again (epoch milliseconds). */
export function dueAt(graph: RunGraph, step: GraphStep, state: RunState): number {
  const askedAt = state.refused?.[step.id]?.until ?? 0;
  if (locksOut(state, step)) return askedAt;
  return Math.max(askedAt, Date.parse(step.notBefore ?? graph.startsAt));
}

/** Whether a pause lets the step begin. */
export function isFree(state: RunState, step: GraphStep): boolean {
  return !state.paused || locksOut(state, step);
}

/** Locking out now waits neither for a time nor for a resumption. */
function locksOut(state: RunState, step: GraphStep): boolean {
  return state.lockOut === true && step.accessCritical;
}

/** Whether our tables let a step not begin, for one of these reasons (any). */
function isRefused(state: RunState, stepId: string, why?: Refusal): boolean {
  const refused = state.refused?.[stepId]?.why ?? null;
  return refused !== null && (why === undefined || refused === why);
}

function isCritical(graph: RunGraph, stepId: string): boolean {
  return graph.steps.some((step) => step.id === stepId && step.accessCritical);
}

function dependenciesReached(graph: RunGraph, step: GraphStep, state: RunState): boolean {
  return step.dependsOn.every((id) => {
    // locking out now waits for nothing but the other steps that lock out
    if (locksOut(state, step) && !isCritical(graph, id)) return true;
    const dependency = state.steps[id];
    if (!dependency || dependency.status === 'ended') return true;
    return step.accessCritical && dependency.status === 'held';
  });
}

function bySystem(steps: readonly GraphStep[]): GraphStep[][] {
  const groups = new Map<string, GraphStep[]>();
  for (const step of steps) groups.set(step.system, [...(groups.get(step.system) ?? []), step]);
  return [...groups.values()];
}

function waitingFor(state: RunState, wakeAt: number | null, inHands: readonly GraphStep[]): WaitingFor | null {
  const refused = (why: Refusal): boolean => Object.keys(state.steps).some((id) => isRefused(state, id, why));
  if (state.paused || refused('paused')) return { kind: 'resume' };
  const held = heldSteps(state);
  if (held.length > 0) return { kind: 'approval', steps: held, identity: state.identityHeld };
  if (inHands.length > 0) {
    const until = inHands.map((step) => step.manual!.dueAt).sort()[0]!;
    return { kind: 'person', steps: inHands.map((step) => step.id), until };
  }
  if (refused('cancelled')) return null;
  if (refused('no_agreement')) return { kind: 'agreement' };
  const asked = Math.max(0, ...Object.values(state.refused ?? {}).map(({ until }) => until));
  return { kind: 'time', until: new Date(wakeAt ?? asked).toISOString() };
}

/**
 * The order in which a cancelled run is taken back: steps that wrote something, or may have, each before those it depended
 * on. Without `undo` only what would have ended later; what has ended already is left alone.
 */
export function undoOrder(graph: RunGraph, state: RunState): readonly GraphStep[] {
  const ordered: GraphStep[] = [];
  const seen = new Set<string>();
  const visit = (step: GraphStep): void => {
    if (seen.has(step.id)) return;
    seen.add(step.id);
    for (const dependant of graph.steps) if (dependant.dependsOn.includes(step.id)) visit(dependant);
    ordered.push(step);
  };
  graph.steps.forEach(visit);
  return ordered.filter((step) => step.undoable && isToTakeBack(graph, state, step.id));
}

function isToTakeBack(graph: RunGraph, state: RunState, stepId: string): boolean {
  const step = state.steps[stepId];
  if (step?.outcome !== 'succeeded' && !(step?.written && step.outcome !== 'compensated')) return false;
  if (state.cancel && !state.cancel.undo && !state.cancel.ends?.includes(stepId)) return false;
  return !graph.steps.some(({ id, takesBack }) => {
    const end = state.steps[id]?.outcome;
    return takesBack === stepId && end && satisfiesDependants(end);
  });
}
