import { canonicalJson, fieldKey, type Effect, type JsonObject } from '#libs/kernel';

/** `apply` does what a block is for; `undo` takes back what another run's step did. */
export type StepVerb = 'apply' | 'undo';

/** The step that an `undo` step takes back. */
export interface StepSource {
  /** The run that did it; null: the very run that the `undo` belongs to (the end of an absence, of a grant). */
  readonly runId: string | null;
  readonly stepId: string;
}

/** What a person does instead of a system. The task itself stands in the step's input. */
export interface ManualTask {
  /** When it should be done (UTC). */
  readonly dueAt: string;
  /** When whoever it is assigned to is reminded (UTC), in order. */
  readonly remindAt: readonly string[];
}

/** What the step runner needs to know of a step: no values, hence safe in an engine's history. */
export interface GraphStep {
  /** Unique in its plan, snake_case, e.g. `disable_sign_in`. */
  readonly id: string;
  /** The customer's system it touches (`directory`, `mail`, `hooks`). */
  readonly system: string;
  readonly dependsOn: readonly string[];
  /** True for what locks a leaver out. Drift elsewhere never holds such a step. */
  readonly accessCritical: boolean;
  /** True for what must happen however the steps before it ended, e.g. telling somebody. */
  readonly runsAfterFailure: boolean;
  /** Not started before this instant (UTC); null: as soon as the run may start and its dependencies allow. */
  readonly notBefore: string | null;
  readonly undoable: boolean;
  /** By when it has to be proven done (UTC); later is an alarm. Absent: no deadline, as in plans drawn before there were any. */
  readonly deadline?: string | null;
  /** Set where a person does it. Absent: a system does. */
  readonly manual?: ManualTask | null;
  /** In a graph: the step of the same run that this one ends (a grant, a suspension). Plans say it in `source`. */
  readonly takesBack?: string;
}

/** The steps of a run and what they wait for. */
export interface RunGraph {
  /** When the run may start (UTC). */
  readonly startsAt: string;
  readonly steps: readonly GraphStep[];
}

/** One node of a plan: a building block with its input and what it would change. */
export interface PlanStep extends GraphStep {
  readonly title: string;
  readonly block: string;
  readonly verb: StepVerb;
  readonly input: JsonObject;
  readonly effect: Effect;
  readonly source: StepSource | null;
}

/** Whom or what a run is about. */
export interface Subject {
  readonly kind: 'user' | 'device';
  readonly name: string;
  /** The identity in the customer's system, once it is known. */
  readonly identity: string | null;
}

/** What is going to happen, as shown to the approver. */
export interface Plan extends RunGraph {
  readonly process: string;
  readonly subject: Subject;
  /** 1 for the first plan; each drift that asks for a new approval adds one. */
  readonly revision: number;
  readonly steps: readonly PlanStep[];
  /** What the run would not bring back or cannot do, for the approver (a reinstatement's deleted user, a sent mail). */
  readonly remarks: readonly PlanRemark[];
}

export interface PlanRemark {
  readonly stepId: string;
  readonly code: string;
  readonly text: string;
}

/** The part of a plan that the step runner works with. */
export function graphOf(plan: Plan): RunGraph {
  const steps = plan.steps.map(
    ({ id, system, dependsOn, accessCritical, runsAfterFailure, notBefore, undoable, deadline, manual, source }) => ({
      id,
      system,
      dependsOn,
      accessCritical,
      runsAfterFailure,
      notBefore,
      undoable,
      ...(deadline ? { deadline } : {}),
      ...(manual ? { manual } : {}),
      ...(source?.runId === null ? { takesBack: source.stepId } : {}),
    }),
  );
  return { startsAt: plan.startsAt, steps };
}

/**
 * The run's plan once its difference was approved: what the given steps do is taken from the difference; when they happen
 * stays as the run has it, because a run can be put off while its difference waits.
 */
export function withDifference(plan: Plan, difference: Plan, stepIds: readonly string[]): Plan {
  const drawn = new Map(difference.steps.map((step) => [step.id, step.effect]));
  const steps = plan.steps.map((step) => {
    const effect = stepIds.includes(step.id) ? drawn.get(step.id) : undefined;
    return effect ? { ...step, effect } : step;
  });
  const { revision, subject, remarks } = difference;
  return { ...plan, revision, subject, remarks, steps };
}

/**
 * The text that an approval binds to: steps, inputs and the before- and after-values of exactly the fields they change
 * (design, rule 7). Names of objects (DNs) bind through their identity; notes and titles are for the reader and do not bind.
 * The plan's hash is the SHA-256 of this text, hex.
 */
export function approvedText(plan: Plan): string {
  return canonicalJson({
    process: plan.process,
    subject: { kind: plan.subject.kind, name: plan.subject.name, identity: plan.subject.identity },
    startsAt: plan.startsAt,
    steps: [...plan.steps]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((step) => ({
        id: step.id,
        block: step.block,
        verb: step.verb,
        system: step.system,
        dependsOn: [...step.dependsOn].sort(),
        accessCritical: step.accessCritical,
        runsAfterFailure: step.runsAfterFailure,
        notBefore: step.notBefore,
        // left out where there is none, so that plans approved before keep their hash
        ...(step.deadline ? { deadline: step.deadline } : {}),
        ...(step.manual ? { manual: step.manual } : {}),
        input: step.input,
        source: step.source,
        identity: step.effect.identity?.id ?? null,
        irreversible: step.effect.irreversible !== null,
        changes: step.effect.changes.map((change) => ({
          key: fieldKey(change, step.effect.identity),
          before: change.before,
          after: change.after,
          opaque: change.opaque ?? false,
        })),
      })),
  });
}
