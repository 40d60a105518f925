import type { ManualTask, RunGraph } from './plan.js';
import { blockedReason, endSkipped, patchStep, type RunState, type StepState } from './run-state.js';

/** When the steps of a run that have not begun are due, after it was put off (UTC instants). */
export interface NewTimes {
  readonly startsAt: string;
  /** By step; what is not named keeps its time. */
  readonly steps: Readonly<
    Record<
      string,
      { readonly notBefore: string | null; readonly deadline: string | null; readonly manual: ManualTask | null }
    >
  >;
}

/**
 * A person's intervention. The reason stands in the database, not here: it may name people. (Acts from before that rule
 * carry theirs.)
 */
export type RunAct =
  | { readonly act: 'pause' }
  | { readonly act: 'resume' }
  | { readonly act: 'cancel'; readonly undo: boolean; readonly reason?: string }
  | {
      readonly act: 'retry';
      readonly stepId: string;
      /** The run had ended: it is reworked by a workflow of its own. */
      readonly rework?: boolean;
    }
  | {
      readonly act: 'skip';
      readonly stepId: string;
      readonly reason?: string;
      readonly outcome?: 'skipped' | 'unknown';
    }
  | { readonly act: 'complete'; readonly stepId: string }
  | { readonly act: 'reschedule'; readonly times: NewTimes }
  | { readonly act: 'lock_out' };

/**
 * Takes in a person's act. An act that no longer fits (a step that ended meanwhile, a run being cancelled) changes
 * nothing: the API refused what it could see, and whoever was first has won.
 */
export function applyAct(state: RunState, graph: RunGraph, act: RunAct): RunState {
  if (state.cancel) return state;
  switch (act.act) {
    case 'pause':
      return { ...state, paused: true };
    case 'resume':
      return { ...state, paused: false };
    case 'cancel':
      return cancelRun(state, graph, act.undo, act.reason);
    case 'retry':
      return retryStep(state, graph, act.stepId);
    case 'skip':
      return isOpen(state, graph, act.stepId)
        ? patchStep(state, act.stepId, {
            status: 'ended',
            outcome: act.outcome ?? 'skipped',
            reason: act.reason ?? null,
            ...(act.outcome === 'unknown' ? { written: true } : {}),
          })
        : state;
    case 'complete':
      return isOpen(state, graph, act.stepId)
        ? patchStep(state, act.stepId, { status: 'ended', outcome: 'succeeded', reason: null })
        : state;
    case 'lock_out':
      return { ...state, lockOut: true };
    case 'reschedule':
      return state;
  }
}

/** The graph with the new times of the steps that are still to come: by our tables those had not begun. */
export function reschedule(graph: RunGraph, state: RunState, times: NewTimes): RunGraph {
  const steps = graph.steps.map((step) => {
    const put = times.steps[step.id];
    if (!put || state.steps[step.id]?.status === 'ended') return step;
    const { notBefore, deadline, manual } = put;
    return { ...step, notBefore, ...(deadline ? { deadline } : {}), ...(manual ? { manual } : {}) };
  });
  return { startsAt: times.startsAt, steps };
}

/** Not begun, or in the hands of a person. What a system works on ends by its own result. */
function isOpen(state: RunState, graph: RunGraph, stepId: string): boolean {
  const status = state.steps[stepId]?.status;
  return status === 'pending' || status === 'held' || (status === 'running' && isManual(graph, stepId));
}

function isManual(graph: RunGraph, stepId: string): boolean {
  return graph.steps.some((step) => step.id === stepId && step.manual);
}

/** Ends the run: what is open is skipped. What was to last for a while only is noted, because nothing would end it later. */
export function cancelRun(state: RunState, graph: RunGraph, undo: boolean, reason?: string): RunState {
  const why = reason === undefined ? 'run cancelled' : `run cancelled: ${reason}`;
  const open = Object.keys(state.steps).filter((id) => isOpen(state, graph, id));
  const ended = open.reduce((next, id) => endSkipped(next, id, why), state);
  const ends = graph.steps.flatMap(({ id, takesBack }) =>
    takesBack !== undefined && state.steps[id]?.status !== 'ended' ? [takesBack] : [],
  );
  const cancel = { undo, ...(reason === undefined ? {} : { reason }), ...(ends.length > 0 ? { ends } : {}) };
  return { ...ended, paused: false, identityHeld: false, cancel };
}

/** A failed step goes back to pending, and with it the dependants that were skipped because of it. */
function retryStep(state: RunState, graph: RunGraph, stepId: string): RunState {
  const step = state.steps[stepId];
  if (step?.status !== 'ended' || (step.outcome !== 'failed' && step.outcome !== 'unknown')) return state;
  const reopened: Partial<StepState> = { status: 'pending', outcome: null, reason: null };
  return dependantsOf(graph, stepId)
    .filter((id) => state.steps[id]?.reason === blockedReason(stepId))
    .reduce((next, id) => patchStep(next, id, reopened), patchStep(state, stepId, reopened));
}

function dependantsOf(graph: RunGraph, stepId: string): string[] {
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const step of graph.steps) {
      if (!step.dependsOn.includes(id) || found.has(step.id)) continue;
      found.add(step.id);
      visit(step.id);
    }
  };
  visit(stepId);
  return [...found];
}
