import { dueAt, isFree } from './next-moves.js';
import { satisfiesDependants, type StepOutcome } from './outcome.js';
import type { GraphStep, RunGraph } from './plan.js';
import type { RunState, StepResult } from './run-state.js';

/** What the steps of one activity have in common: the system, or the site from which their systems are reached. */
export type Sharing = 'system' | 'site';

/** Ready steps by the activity that they share. There is one site until now. */
export function activityGroups(
  bySystem: readonly (readonly GraphStep[])[],
  sharing: Sharing | null,
): readonly (readonly GraphStep[])[] {
  return sharing === 'site' && bySystem.length > 0 ? [bySystem.flat()] : bySystem;
}

/**
 * The steps that share an activity with steps that are ready: those that may begin as soon as others of them have ended
 * (design, rule 4, and ADR 21). What a person does, what is not due and, sharing by system, what waits for another system
 * is left out.
 */
export function withFollowers(
  graph: RunGraph,
  state: RunState,
  ready: readonly GraphStep[],
  now: number,
  sharing: Sharing,
): readonly GraphStep[] {
  const shared = new Map(ready.map((step) => [step.id, step]));
  const isNear = (step: GraphStep): boolean => sharing === 'site' || step.system === ready[0]?.system;
  for (let grown = true; grown;) {
    grown = false;
    for (const step of graph.steps) {
      if (shared.has(step.id) || !isNear(step) || step.manual) continue;
      if (state.steps[step.id]?.status !== 'pending' || !isFree(state, step)) continue;
      if (dueAt(graph, step, state) > now) continue;
      if (!step.dependsOn.every((id) => shared.has(id) || isReached(state, id))) continue;
      shared.set(step.id, step);
      grown = true;
    }
  }
  return [...shared.values()];
}

function isReached(state: RunState, stepId: string): boolean {
  const step = state.steps[stepId];
  return !step || (step.status === 'ended' && step.outcome !== null && satisfiesDependants(step.outcome));
}

/**
 * Whether a step may begin, given what came of the others it shares an activity with. A step that failed ends what
 * depends on it, except what must happen however the steps before it ended; the workflow decides about the rest.
 */
export function mayBegin(
  step: Pick<GraphStep, 'dependsOn' | 'runsAfterFailure' | 'accessCritical'>,
  shared: ReadonlySet<string>,
  results: ReadonlyMap<string, StepResult>,
): boolean {
  return step.dependsOn.every((id) => {
    if (!shared.has(id)) return true;
    const result = results.get(id);
    if (result?.kind === 'drifted') return step.accessCritical && !result.identity;
    if (result?.kind !== 'ended') return false;
    return step.runsAfterFailure || satisfiesDependants(result.outcome as StepOutcome);
  });
}
