import { sql } from 'kysely';
import { json } from '#libs/platform/database';
import { readSteps, updateRunPlan, type RunRow, type StepRow } from '#libs/process';
import type { NewTimes, Plan, PlanStep, RunAct } from '#libs/process/model';
import { movedTime, moveStart, requestedInstant } from '#libs/requests';
import { ActNotPossible, ActStepUnknown } from './act.errors.js';
import { namedStep, openRun, refuseBraked, type ActPlace, type GivenAct } from './act-place.js';

/**
 * Puts a request or its run off, or brings it forward: all of it before its first step began, one step at any time. A
 * request that waits for approval is planned anew, because an approval binds to the time too.
 */
export async function reschedule(place: ActPlace, given: GivenAct): Promise<RunAct> {
  if (given.at === undefined) throw new ActNotPossible('Say in `at` when it shall happen.');
  if (!place.run && !['planning', 'awaiting_approval'].includes(place.request.status))
    throw new ActNotPossible(`The request is ${place.request.status}.`);
  const at = requestedInstant(given.at, 'at', { at: place.now, timeZone: place.timeZone });
  if (!place.run) return planAnew(place, given, at);
  const run = openRun(place);
  const steps = await readSteps(place.tx, place.tenant, run.id);
  const plan = given.stepId ? await stepMoved(place, given, run.plan, at) : allMoved(place, run.plan, steps, at);
  if (plan.startsAt !== run.plan.startsAt) {
    await refuseBraked(place, at);
    await moveStart(place.tx, place.tenant, place.request.id, at);
  }
  await updateRunPlan(place.tx, place.tenant, run.id, plan);
  const times = timesOf(plan, steps);
  await showTimes(place, run, plan, times);
  return { act: 'reschedule', times };
}

async function planAnew({ tx, tenant, request }: ActPlace, given: GivenAct, at: string): Promise<RunAct> {
  if (given.stepId) throw new ActNotPossible('Single steps can be moved once the plan is approved.');
  const body = request.body;
  if ('returnsAt' in body && body.returnsAt <= at)
    throw new ActNotPossible(`The absence ends at ${body.returnsAt}; a start after that is none.`);
  await tx
    .updateTable('requests')
    .set({
      body: json({ ...body, startsAt: at, ...('lastWorkingAt' in body ? { lastWorkingAt: given.at } : {}) }),
      status: 'planning',
      plan_hash: null,
      waiting_for: null,
      escalation: null,
      updated_at: sql<Date>`now()`,
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', request.id)
    .execute();
  return { act: 'reschedule', times: { startsAt: at, steps: {} } };
}

async function stepMoved(place: ActPlace, given: GivenAct, plan: Plan, at: string): Promise<Plan> {
  const row = await namedStep(place, given);
  if (row.status !== 'pending' && row.status !== 'held')
    throw new ActNotPossible(`${row.step_id} is ${row.outcome ?? row.status}; only what has not begun can be moved.`);
  const move = (step: PlanStep): PlanStep => moved(plan, step, at, at, place.timeZone);
  return { ...plan, steps: plan.steps.map((step) => (step.id === row.step_id ? move(step) : step)) };
}

function allMoved(place: ActPlace, plan: Plan, rows: readonly StepRow[], at: string): Plan {
  const begun = rows.find((row) => row.started_at !== null || row.status === 'ended');
  if (begun) throw new ActStepUnknown(`${begun.step_id} has begun. Name the step to move in \`stepId\`.`);
  const time = (instant: string): string => movedTime(instant, plan.startsAt, at, place.timeZone);
  const steps = plan.steps.map((step) =>
    moved(plan, step, step.notBefore === null ? null : time(step.notBefore), at, place.timeZone),
  );
  return { ...plan, startsAt: at, steps };
}

/** A step at its new time; its deadline and its due date keep their distance to it. */
function moved(plan: Plan, step: PlanStep, notBefore: string | null, at: string, timeZone: string): PlanStep {
  const before = step.notBefore ?? plan.startsAt;
  const after = notBefore ?? at;
  const time = (instant: string): string => movedTime(instant, before, after, timeZone);
  const { deadline, manual } = step;
  return {
    ...step,
    notBefore,
    ...(deadline ? { deadline: time(deadline) } : {}),
    ...(manual ? { manual: { dueAt: time(manual.dueAt), remindAt: manual.remindAt.map(time) } } : {}),
  };
}

function timesOf(plan: Plan, steps: readonly StepRow[]): NewTimes {
  const open = new Set(
    steps.filter((row) => row.status === 'pending' || row.status === 'held').map((row) => row.step_id),
  );
  const times = plan.steps
    .filter((step) => open.has(step.id))
    .map((step) => [
      step.id,
      { notBefore: step.notBefore, deadline: step.deadline ?? null, manual: step.manual ?? null },
    ]);
  return { startsAt: plan.startsAt, steps: Object.fromEntries(times) as NewTimes['steps'] };
}

async function showTimes({ tx, tenant }: ActPlace, run: RunRow, plan: Plan, times: NewTimes): Promise<void> {
  for (const [stepId, { notBefore, deadline }] of Object.entries(times.steps)) {
    await tx
      .updateTable('run_steps')
      .set({ due_at: notBefore ?? plan.startsAt, deadline })
      .where('tenant_id', '=', tenant)
      .where('run_id', '=', run.id)
      .where('step_id', '=', stepId)
      .execute();
  }
}
