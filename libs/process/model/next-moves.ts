import type { GraphStep, RunGraph } from './plan.js';
import { heldSteps, type RunState } from './run-state.js';

/** What a waiting run waits for, as people see it. */
export type WaitingFor =
  | { readonly kind: 'time'; readonly until: string }
  | { readonly kind: 'approval'; readonly steps: readonly string[]; readonly identity: boolean }
  | { readonly kind: 'resume' }
  | { readonly kind: 'system'; readonly system: string; readonly code: string };

/** What the step runner does next. */
export interface Moves {
  /** Steps to start now; those of one group touch the same system and may share an activity. */
  readonly groups: readonly (readonly GraphStep[])[];
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
  if (!open) return { groups: [], wakeAt: null, ended: true, waitingFor: null };
  const running = Object.values(state.steps).some((step) => step.status === 'running');
  const free = state.paused || state.identityHeld ? [] : steps.filter((step) => dependenciesReached(step, state));
  const due = free.filter((step) => dueAt(graph, step) <= now);
  const later = free.map((step) => dueAt(graph, step)).filter((at) => at > now);
  const wakeAt = later.length > 0 ? Math.min(...later) : null;
  const idle = !running && due.length === 0;
  return { groups: bySystem(due), wakeAt, ended: false, waitingFor: idle ? waitingFor(state, wakeAt) : null };
}

function dueAt(graph: RunGraph, step: GraphStep): number {
  return Date.parse(step.notBefore ?? graph.startsAt);
}

function dependenciesReached(step: GraphStep, state: RunState): boolean {
  return step.dependsOn.every((id) => {
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

function waitingFor(state: RunState, wakeAt: number | null): WaitingFor {
  if (state.paused) return { kind: 'resume' };
  const held = heldSteps(state);
  if (held.length > 0) return { kind: 'approval', steps: held, identity: state.identityHeld };
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
