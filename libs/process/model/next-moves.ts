import type { GraphStep, RunGraph } from './plan.js';
import { heldSteps, type RunState } from './run-state.js';

/** What a waiting run waits for, as people see it. */
export type WaitingFor =
  | { readonly kind: 'time'; readonly until: string }
  | { readonly kind: 'approval'; readonly steps: readonly string[]; readonly identity: boolean }
  | { readonly kind: 'resume' }
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
 * wait for a step that drift holds (design, rule 7); a drift of the identity holds everything.
 */
export function nextMoves(graph: RunGraph, state: RunState, now: number): Moves {
  const steps = graph.steps.filter((step) => state.steps[step.id]?.status === 'pending');
  const open = Object.values(state.steps).some((step) => step.status !== 'ended');
  if (!open) return { groups: [], manual: [], wakeAt: null, ended: true, waitingFor: null };
  const inHands = graph.steps.filter((step) => step.manual && state.steps[step.id]?.status === 'running');
  const running = Object.values(state.steps).filter((step) => step.status === 'running').length > inHands.length;
  const free =
    state.paused || state.identityHeld ? [] : steps.filter((step) => dependenciesReached(graph, step, state));
  const due = free.filter((step) => dueAt(graph, step, state) <= now);
  const later = free.map((step) => dueAt(graph, step, state)).filter((at) => at > now);
  const wakeAt = later.length > 0 ? Math.min(...later) : null;
  const idle = !running && due.length === 0;
  return {
    groups: bySystem(due.filter((step) => !step.manual)),
    manual: due.filter((step) => step.manual),
    wakeAt,
    ended: false,
    waitingFor: idle ? waitingFor(state, wakeAt, inHands) : null,
  };
}

/** When a step may begin (epoch milliseconds). */
export function dueAt(graph: RunGraph, step: GraphStep, state: RunState): number {
  if (state.lockOut && step.accessCritical) return 0;
  return Date.parse(step.notBefore ?? graph.startsAt);
}

function isCritical(graph: RunGraph, stepId: string): boolean {
  return graph.steps.some((step) => step.id === stepId && step.accessCritical);
}

function dependenciesReached(graph: RunGraph, step: GraphStep, state: RunState): boolean {
  return step.dependsOn.every((id) => {
    // locking out now waits for nothing but the other steps that lock out
    if (state.lockOut && step.accessCritical && !isCritical(graph, id)) return true;
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

function waitingFor(state: RunState, wakeAt: number | null, inHands: readonly GraphStep[]): WaitingFor {
  if (state.paused) return { kind: 'resume' };
  const held = heldSteps(state);
  if (held.length > 0) return { kind: 'approval', steps: held, identity: state.identityHeld };
  if (inHands.length > 0) {
    const until = inHands.map((step) => step.manual!.dueAt).sort()[0]!;
    return { kind: 'person', steps: inHands.map((step) => step.id), until };
  }
  return { kind: 'time', until: new Date(wakeAt ?? 0).toISOString() };
}

/**
 * The order in which a cancelled run is taken back: steps that wrote something, each before those it depended on.
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
  return ordered.filter((step) => state.steps[step.id]?.outcome === 'succeeded' && step.undoable);
}
