import { sameJson } from '#libs/kernel';
import { takesBackOwnRun, type StepRow } from '#libs/process';
import type { NewTimes, Plan, PlanStep } from '#libs/process/model';
import { movedTime, withoutNames } from '#libs/requests';
import { ActNotPossible } from './act.errors.js';

/** When a step may begin (UTC). */
export function dueOf(plan: Plan, step: PlanStep): string {
  return step.notBefore ?? plan.startsAt;
}

/**
 * A plan that starts at another instant (UTC): its steps keep their distance to the start in days and hours on the wall
 * in `timeZone` (IANA). What ends on a day of its own (an absence, a grant) keeps that day.
 */
export function planMoved(plan: Plan, startsAt: string, timeZone: string): Plan {
  const time = (instant: string): string => movedTime(instant, plan.startsAt, startsAt, timeZone);
  const steps = plan.steps.map((step) => {
    if (takesBackOwnRun(step)) return step;
    const notBefore = step.notBefore === null ? null : time(step.notBefore);
    return stepAt(step, { from: dueOf(plan, step), to: notBefore ?? startsAt, notBefore }, timeZone);
  });
  return { ...plan, startsAt, steps };
}

/** A plan of which one step happens at another instant (UTC). */
export function planWithStepAt(plan: Plan, stepId: string, at: string, timeZone: string): Plan {
  const moved = (step: PlanStep): PlanStep =>
    stepAt(step, { from: dueOf(plan, step), to: at, notBefore: at }, timeZone);
  return { ...plan, steps: plan.steps.map((step) => (step.id === stepId ? moved(step) : step)) };
}

/** A step at its new time; its deadline and its due date keep their distance to it. */
function stepAt(
  step: PlanStep,
  { from, to, notBefore }: { readonly from: string; readonly to: string; readonly notBefore: string | null },
  timeZone: string,
): PlanStep {
  const time = (instant: string): string => movedTime(instant, from, to, timeZone);
  const { deadline, manual } = step;
  return {
    ...step,
    notBefore,
    ...(deadline ? { deadline: time(deadline) } : {}),
    ...(manual ? { manual: { dueAt: time(manual.dueAt), remindAt: manual.remindAt.map(time) } } : {}),
  };
}

/**
 * What ends something comes after what began it, and a grant ends no later than was approved: that end stands in its
 * input. Throws `ActNotPossible`.
 */
export function refuseDisorder(plan: Plan): void {
  for (const end of plan.steps.filter(takesBackOwnRun)) {
    const endsAt = dueOf(plan, end);
    const begin = plan.steps.find((step) => step.id === end.source!.stepId);
    if (begin && endsAt <= dueOf(plan, begin))
      throw new ActNotPossible(`${end.id} is due at ${endsAt}, which has to be after ${begin.id}. Choose other times.`);
    const approved = (end.input['of'] as { readonly until?: unknown } | undefined)?.until;
    if (typeof approved === 'string' && endsAt > approved)
      throw new ActNotPossible(
        `${end.id} was approved for ${approved} at the latest. A longer grant is a new request.`,
      );
  }
}

/** What of a request matters for whom its messages may name. */
interface Confidential {
  readonly id: string;
  /** UTC; null: it is not confidential. */
  readonly confidentialUntil: string | null;
}

/**
 * The plan with messages that name somebody put off to the end of the confidentiality, as far as they have not begun. What
 * they say was approved, so it is their time that changes.
 */
export function withMessagesPutOff(plan: Plan, rows: readonly StepRow[], request: Confidential): Plan {
  const open = openSteps(rows);
  const steps = plan.steps.map((step) =>
    open.has(step.id) && tellsTooEarly(plan, step, request) ? { ...step, notBefore: request.confidentialUntil } : step,
  );
  return { ...plan, steps };
}

/** Whether a message would name somebody while the request is confidential. */
export function tellsTooEarly({ startsAt }: Plan, step: PlanStep, request: Confidential): boolean {
  return step.verb === 'apply' && !sameJson(withoutNames(step, { ...request, startsAt }).input, step.input);
}

/** The times of the steps that have not begun, as the workflow is told them. */
export function timesOf(plan: Plan, rows: readonly StepRow[]): NewTimes {
  const open = openSteps(rows);
  const times = plan.steps
    .filter((step) => open.has(step.id))
    .map((step) => [
      step.id,
      { notBefore: step.notBefore, deadline: step.deadline ?? null, manual: step.manual ?? null },
    ]);
  return { startsAt: plan.startsAt, steps: Object.fromEntries(times) as NewTimes['steps'] };
}

/** When access-critical steps that have not begun begin (UTC), each instant once, the earliest first. */
export function lockOutTimes(plan: Plan, { startsAt, steps }: NewTimes): string[] {
  const critical = plan.steps.filter((step) => step.accessCritical && step.id in steps);
  return [...new Set(critical.map((step) => steps[step.id]!.notBefore ?? startsAt))].sort();
}

function openSteps(rows: readonly StepRow[]): ReadonlySet<string> {
  return new Set(rows.filter(({ status }) => status === 'pending' || status === 'held').map((row) => row.step_id));
}
