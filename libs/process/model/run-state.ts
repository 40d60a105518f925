import type { RunOutcome, StepOutcome, StepStatus } from './outcome.js';
import { satisfiesDependants } from './outcome.js';
import type { GraphStep, RunGraph } from './plan.js';

/** Where one step of a run stands. */
export interface StepState {
  readonly status: StepStatus;
  readonly outcome: StepOutcome | null;
  /** Why it was skipped, for people. What failed and what drifted stands in the database, not here. */
  readonly reason: string | null;
  /** It did not succeed and yet may have written: its before-image is on record. */
  readonly written?: boolean;
}

/**
 * A run as plain data: the position of the step runner. Only the functions of this folder change it, each giving a new
 * value; the workflow holds it, and it may be continued as new.
 */
export interface RunState {
  readonly steps: Readonly<Record<string, StepState>>;
  readonly paused: boolean;
  readonly cancel: {
    readonly undo: boolean;
    readonly reason?: string;
    /** Steps that others would have ended later (a grant, a suspension): these end with the run, also without `undo`. */
    readonly ends?: readonly string[];
  } | null;
  /** Drift of the identity holds everything, access-critical steps included. */
  readonly identityHeld: boolean;
  /** Lock out now: access-critical steps wait neither for their time nor for other steps. */
  readonly lockOut?: boolean;
  /** Steps whose missed deadline was told. */
  readonly missed?: readonly string[];
  /** How many reminders of an open manual step were sent. */
  readonly reminded?: Readonly<Record<string, number>>;
  /** Steps that did not begin when they were asked to, and when they are asked again. */
  readonly refused?: Readonly<Record<string, Refused>>;
}

/**
 * Why our tables let no step begin: a person stopped the run or put the step off, and the engine has not heard of it yet
 * (design, rule 2: such an act is final before the engine knows); or the customer has no data processing agreement in force.
 */
export type Refusal = 'paused' | 'cancelled' | 'not_due' | 'no_agreement';

const REFUSALS: readonly string[] = ['paused', 'cancelled', 'not_due', 'no_agreement'] satisfies Refusal[];

export function isRefusal(answer: string): answer is Refusal {
  return REFUSALS.includes(answer);
}

export interface Refused {
  /** Null: its activity ended before its turn came. */
  readonly why: Refusal | null;
  /** How often in a row. */
  readonly tries: number;
  /** When it is asked again (epoch milliseconds), unless an act comes first. */
  readonly until: number;
}

/** What a step's activity reports. */
export type StepResult =
  | {
      readonly stepId: string;
      readonly kind: 'ended';
      readonly outcome: StepOutcome;
      /** It did not succeed and yet may have written. */
      readonly written?: boolean;
    }
  | { readonly stepId: string; readonly kind: 'drifted'; readonly identity: boolean }
  | {
      readonly stepId: string;
      readonly kind: 'refused';
      readonly why: Refusal;
      /** When it is due by our tables (UTC), where that is why. */
      readonly dueAt?: string;
    }
  | { readonly stepId: string; readonly kind: 'not_started' };

export function beginRunState(graph: RunGraph): RunState {
  const pending: StepState = { status: 'pending', outcome: null, reason: null };
  return {
    steps: Object.fromEntries(graph.steps.map((step) => [step.id, pending])),
    paused: false,
    cancel: null,
    identityHeld: false,
  };
}

/** The state of a run that goes on from what is on record: what ended keeps its outcome, all else is to come. */
export function resumeRunState(
  graph: RunGraph,
  ended: ReadonlyMap<string, { readonly outcome: StepOutcome; readonly reason: string | null }>,
): RunState {
  return [...ended].reduce(
    (state, [stepId, end]) => patchStep(state, stepId, { status: 'ended', ...end }),
    beginRunState(graph),
  );
}

export function patchStep(state: RunState, stepId: string, patch: Partial<StepState>): RunState {
  const step = state.steps[stepId];
  if (!step) return state;
  return { ...state, steps: { ...state.steps, [stepId]: { ...step, ...patch } } };
}

export function markRunning(state: RunState, stepIds: readonly string[]): RunState {
  return stepIds.reduce((next, id) => patchStep(next, id, { status: 'running' }), state);
}

/** Takes in what an activity reported at `now` (epoch milliseconds). A step that did not begin goes back to pending. */
export function applyResult(state: RunState, result: StepResult, now: number): RunState {
  const { stepId } = result;
  switch (result.kind) {
    case 'ended': {
      const { outcome, written } = result;
      return patchStep(unrefused(state, stepId), stepId, { status: 'ended', outcome, ...(written ? { written } : {}) });
    }
    case 'drifted':
      return holdStep(unrefused(state, stepId), result);
    case 'refused': {
      const { why, dueAt } = result;
      return refuseStep(
        state,
        stepId,
        why,
        Math.max(now + pauseAfter(triesOf(state, stepId), LONGEST_MS[why]), Date.parse(dueAt ?? '') || 0),
      );
    }
    case 'not_started': {
      // once is usual: another step of its activity ended first. More often would be a loop without a pause
      const tries = triesOf(state, stepId);
      return refuseStep(state, stepId, null, tries === 0 ? 0 : now + pauseAfter(tries));
    }
  }
}

function holdStep(state: RunState, drift: { readonly stepId: string; readonly identity: boolean }): RunState {
  const held = patchStep(state, drift.stepId, { status: 'held' });
  return drift.identity ? { ...held, identityHeld: true } : held;
}

const LONGEST_PAUSE_MS = 300_000;

/** An agreement takes people days: nobody has to be asked every few minutes. */
const LONGEST_MS: Readonly<Partial<Record<Refusal, number>>> = { no_agreement: 3_600_000 };

/** How long after a refusal a step is asked again (milliseconds), by the refusals before: the act may be on its way for long. */
function pauseAfter(tries: number, longest = LONGEST_PAUSE_MS): number {
  return Math.min(longest, 1000 * 2 ** tries);
}

function triesOf(state: RunState, stepId: string): number {
  return state.refused?.[stepId]?.tries ?? 0;
}

function refuseStep(state: RunState, stepId: string, why: Refusal | null, until: number): RunState {
  const refused = { ...state.refused, [stepId]: { why, tries: triesOf(state, stepId) + 1, until } };
  return { ...patchStep(state, stepId, { status: 'pending' }), refused };
}

/** It has begun or ended: whatever refused it before is over. */
export function unrefused(state: RunState, stepId: string): RunState {
  if (!state.refused?.[stepId]) return state;
  return { ...state, refused: Object.fromEntries(Object.entries(state.refused).filter(([id]) => id !== stepId)) };
}

/** An act came: whatever did not begin may be asked at once. */
export function askAnew(state: RunState): RunState {
  return state.refused ? { ...state, refused: {} } : state;
}

/** Steps that our tables hold open although they had ended here: a person had them tried anew. They are to come again. */
export function reopenSteps(state: RunState, stepIds: readonly string[]): RunState {
  return stepIds.reduce((next, id) => patchStep(next, id, { status: 'pending', outcome: null, reason: null }), state);
}

/** Holds steps in which a look at drift found something, unless they run or ended meanwhile. */
export function holdDrifted(
  state: RunState,
  drifts: readonly { readonly stepId: string; readonly identity: boolean }[],
): RunState {
  return drifts.reduce((next, drift) => {
    const status = next.steps[drift.stepId]?.status;
    return status === 'pending' || status === 'held' ? holdStep(next, drift) : next;
  }, state);
}

/**
 * A lock-out before the approval: what locks out begins at once, everything else is held until somebody decides. Gives
 * the state and the steps that wait.
 */
export function holdUnapproved(state: RunState, graph: RunGraph): { state: RunState; unapproved: readonly string[] } {
  const unapproved = graph.steps.filter((step) => !step.accessCritical).map((step) => step.id);
  const held = unapproved.reduce((next, id) => patchStep(next, id, { status: 'held' }), state);
  return { state: { ...held, lockOut: true }, unapproved };
}

/** Steps that wait for an approval of their drift. */
export function heldSteps(state: RunState): readonly string[] {
  return Object.keys(state.steps).filter((id) => state.steps[id]!.status === 'held');
}

function openSteps(state: RunState): readonly string[] {
  return Object.keys(state.steps).filter(
    (id) => state.steps[id]!.status === 'pending' || state.steps[id]!.status === 'held',
  );
}

/** The difference was approved: its steps may run by the new plan. Steps held since wait for a difference of their own. */
export function releaseHeld(state: RunState, stepIds: readonly string[]): RunState {
  const released = heldSteps(state)
    .filter((id) => stepIds.includes(id))
    .reduce((next, id) => patchStep(next, id, { status: 'pending' }), state);
  return { ...released, identityHeld: false };
}

/** The difference was refused: its steps end as skipped. */
export function refuseHeld(state: RunState, stepIds: readonly string[], reason: string): RunState {
  const refused = openSteps(state)
    .filter((id) => stepIds.includes(id))
    .reduce((next, id) => endSkipped(next, id, reason), state);
  return { ...refused, identityHeld: false };
}

/**
 * The steps that a difference is drawn for: those that are held. When the object itself is another one, everything that
 * has not begun.
 */
export function stepsOfDifference(state: RunState): readonly string[] {
  return state.identityHeld ? openSteps(state) : heldSteps(state);
}

export function endSkipped(state: RunState, stepId: string, reason: string): RunState {
  return patchStep(state, stepId, { status: 'ended', outcome: 'skipped', reason });
}

/** The reason of a step that could not run because `cause` did not succeed. */
export function blockedReason(cause: string): string {
  return `depends on ${cause}, which did not succeed`;
}

/**
 * Ends every pending step that can never run because a step it depends on failed, was skipped or is unknown. The reason
 * names the step where it began, so that a retry of that one can reopen them.
 */
export function skipBlocked(state: RunState, graph: RunGraph): RunState {
  let next = state;
  for (let changed = true; changed;) {
    changed = false;
    for (const step of graph.steps) {
      if (next.steps[step.id]?.status !== 'pending' || step.runsAfterFailure) continue;
      const cause = brokenDependency(next, step);
      if (cause === null) continue;
      next = endSkipped(next, step.id, blockedReason(cause));
      changed = true;
    }
  }
  return next;
}

function brokenDependency(state: RunState, step: GraphStep): string | null {
  for (const id of step.dependsOn) {
    const dependency = state.steps[id];
    if (dependency?.status !== 'ended' || dependency.outcome === null || satisfiesDependants(dependency.outcome))
      continue;
    const root = /^depends on (\S+),/.exec(dependency.reason ?? '')?.[1];
    return root ?? id;
  }
  return null;
}

/**
 * How the run ended: `cancelled` when a person ended it, `completed` when every step is in its desired state (or was
 * left out by a person), `failed` when nothing was achieved, else `completed_with_errors`.
 */
export function outcomeOf(state: RunState): RunOutcome {
  if (state.cancel) return 'cancelled';
  const steps = Object.values(state.steps);
  const good = steps.filter((step) => step.outcome !== null && satisfiesDependants(step.outcome)).length;
  if (good === steps.length) return 'completed';
  return good === 0 ? 'failed' : 'completed_with_errors';
}
