import { readSteps, updateRunPlan, type RunRow, type StepRow } from '#libs/process';
import type { NewTimes, Plan, RunAct } from '#libs/process/model';
import { movedTime, moveStart, requestedInstant } from '#libs/requests';
import { ActNotPossible, ActTimeMissing } from './act.errors.js';
import { namedStep, openRun, refuseBraked, type ActPlace, type GivenAct } from './act-place.js';
import {
  lockOutTimes,
  planMoved,
  planWithStepAt,
  refuseDisorder,
  tellsTooEarly,
  timesOf,
  withMessagesPutOff,
} from './moved-plan.js';
import { planAnew } from './reschedule-unapproved.js';

/**
 * Puts a request or its run off, or brings it forward: all of it before its first step began, one step at any time. A
 * request that waits for approval is planned anew.
 */
export async function reschedule(place: ActPlace, given: GivenAct): Promise<RunAct> {
  if (given.at === undefined) {
    const errors = [{ path: 'at', code: 'missing', message: 'Give a time.' }];
    throw new ActTimeMissing('Say in `at` when it shall happen.', { errors });
  }
  if (!place.run && !['planning', 'awaiting_approval'].includes(place.request.status))
    throw new ActNotPossible(`The request is ${place.request.status}.`);
  const at = requestedInstant(given.at, 'at', { at: place.now, timeZone: place.timeZone });
  if (!place.run) return planAnew(place, given, at);
  const run = openRun(place);
  const rows = await readSteps(place.tx, place.tenant, run.id);
  const asked = given.stepId ? await stepMoved(place, given, run.plan, at) : allMoved(place, run.plan, rows, at);
  refuseDisorder(asked);
  const plan = await withConfidentiality(place, given, { before: run.plan, asked, rows });
  const times = timesOf(plan, rows);
  await passBrake(place, run.plan, plan, { before: timesOf(run.plan, rows), after: times });
  await updateRunPlan(place.tx, place.tenant, run.id, plan);
  await showTimes(place, run, plan, times);
  return { act: 'reschedule', times };
}

async function stepMoved(place: ActPlace, given: GivenAct, plan: Plan, at: string): Promise<Plan> {
  const row = await namedStep(place, given);
  if (row.status !== 'pending' && row.status !== 'held')
    throw new ActNotPossible(`${row.step_id} is ${row.outcome ?? row.status}; only what has not begun can be moved.`);
  return planWithStepAt(plan, row.step_id, at, place.timeZone);
}

function allMoved(place: ActPlace, plan: Plan, rows: readonly StepRow[], at: string): Plan {
  const begun = rows.find((row) => row.started_at !== null || row.status === 'ended');
  if (begun) throw new ActNotPossible(`${begun.step_id} has begun. Name the step to move in \`stepId\`.`);
  return planMoved(plan, at, place.timeZone);
}

interface Moved {
  readonly before: Plan;
  readonly asked: Plan;
  readonly rows: readonly StepRow[];
}

/**
 * Confidentiality that ends with the lock-out moves with it, and no message names anybody before its end. Throws
 * `ActNotPossible` when such a message itself is to go out earlier.
 */
async function withConfidentiality(place: ActPlace, given: GivenAct, moved: Moved): Promise<Plan> {
  const { request, tx, tenant } = place;
  const until = request.confidential_until?.toISOString() ?? null;
  if (until === null) return moved.asked;
  const confidentialUntil = request.confidential_until_start ? untilOf(place, moved, until) : until;
  const told = { id: request.id, confidentialUntil };
  const named = moved.asked.steps.find((step) => step.id === given.stepId);
  if (named && tellsTooEarly(moved.asked, named, told))
    throw new ActNotPossible(`${named.id} names whom it is about, and the request is confidential until then.`);
  if (confidentialUntil !== until)
    await tx
      .updateTable('requests')
      .set({ confidential_until: confidentialUntil })
      .where('tenant_id', '=', tenant)
      .where('id', '=', request.id)
      .execute();
  return withMessagesPutOff(moved.asked, moved.rows, told);
}

/** A lock-out that is put off on its own takes the confidentiality along; one that is brought forward leaves it. */
function untilOf({ timeZone }: ActPlace, { before, asked, rows }: Moved, until: string): string {
  if (asked.startsAt !== before.startsAt) return movedTime(until, before.startsAt, asked.startsAt, timeZone);
  const [first = until] = lockOutTimes(asked, timesOf(asked, rows));
  return first > until ? first : until;
}

/** Everything that locks out at another time now is counted at that time. Throws `ActNotPossible`. */
async function passBrake(
  place: ActPlace,
  before: Plan,
  after: Plan,
  times: { readonly before: NewTimes; readonly after: NewTimes },
): Promise<void> {
  const known = lockOutTimes(before, times.before);
  const moved = new Set(lockOutTimes(after, times.after).filter((at) => !known.includes(at)));
  const startMoved = after.startsAt !== before.startsAt;
  for (const at of startMoved ? moved.add(after.startsAt) : moved) await refuseBraked(place, at);
  if (startMoved) await moveStart(place.tx, place.tenant, place.request.id, after.startsAt);
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
