import { sql } from 'kysely';
import type { JsonObject } from '#libs/kernel';
import { isUniqueViolation, json } from '#libs/platform/database';
import { appendStepEnded, appendTimeline, updateStep, type RunRow, type StepRow } from '#libs/process';
import { blockedReason, isRunOutcome, type RunAct, type RunStatus, type StepOutcome } from '#libs/process/model';
import { ONLY_ONE_INDEX, wasReinstated } from '#libs/requests';
import { reworkIdOf } from '#workflows';
import { ActNotPossible } from './act.errors.js';
import { namedStep, openRun, type ActPlace, type GivenAct } from './act-place.js';

const MANUAL = 'manual.task';

/**
 * A failed step is tried anew, and with it what was skipped because of it. What it wrote stays on record. A run that had
 * ended is reworked: it goes on under its own id, carried by a workflow of this act.
 */
export async function retry(place: ActPlace, given: GivenAct): Promise<RunAct> {
  const step = await namedStep(place, given, retryableRun(place));
  if (isRunOutcome(place.run!.status as RunStatus)) await refuseReinstated(place);
  if (step.status !== 'ended' || (step.outcome !== 'failed' && step.outcome !== 'unknown'))
    throw new ActNotPossible(
      `${step.step_id} is ${standing(step)}. Only what failed or is unknown can be tried again.`,
    );
  await place.tx
    .updateTable('run_steps')
    .set({
      status: 'pending',
      outcome: null,
      reason: null,
      problem: null,
      evidence: null,
      receipt: null,
      ended_at: null,
    })
    .where('tenant_id', '=', place.tenant)
    .where('run_id', '=', step.run_id)
    .where((row) => row.or([row('step_id', '=', step.step_id), row('reason', '=', blockedReason(step.step_id))]))
    .execute();
  if (!isRunOutcome(place.run!.status as RunStatus)) return { act: 'retry', stepId: step.step_id };
  await reopen(place, step.run_id);
  return { act: 'retry', stepId: step.step_id, rework: true };
}

/** A run that goes on, or one that ended with something left to do. Throws `ActNotPossible`. */
function retryableRun(place: ActPlace): RunRow {
  const status = place.run?.status;
  return status === 'completed_with_errors' || status === 'failed' ? place.run! : openRun(place);
}

/** What a reinstatement gave back would be taken once more. */
async function refuseReinstated({ tx, tenant, run }: ActPlace): Promise<void> {
  if (await wasReinstated(tx, tenant, run!.id))
    throw new ActNotPossible('The run was taken back, or is about to be. Submit the request again instead.');
}

/** Throws `ActNotPossible` when the place of the request is another's by now. */
async function reopen({ tx, tenant, request, id }: ActPlace, runId: string): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ status: 'running', halted: null, problem: null, ended_at: null, workflow_id: reworkIdOf(tenant, id) })
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .execute();
  await tx
    .updateTable('requests')
    .set({ status: 'running', problem: null, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', request.id)
    .execute()
    .catch((error: unknown) => {
      if (!isUniqueViolation(error, ONLY_ONE_INDEX)) throw error;
      // which one is not said: it may be confidential
      throw new ActNotPossible('The request cannot be taken up again: it is not the latest for this user.');
    });
}

/** Leaves a step out. Where it may have written, nobody knows the outcome, and the history says so. */
export async function skip(place: ActPlace, given: GivenAct): Promise<RunAct> {
  const step = await namedStep(place, given);
  if (step.status === 'ended') throw new ActNotPossible(`${step.step_id} is ${standing(step)}.`);
  const outcome = step.before_image ? 'unknown' : 'skipped';
  await endByPerson(place, step, outcome, given.reason, null);
  return { act: 'skip', stepId: step.step_id, outcome };
}

/** A person has done what a manual step asks for. */
export async function complete(place: ActPlace, given: GivenAct): Promise<RunAct> {
  const step = await namedStep(place, given);
  if (step.block !== MANUAL)
    throw new ActNotPossible(`${step.step_id} is done by a system and ends by being read back, not by a word.`);
  if (step.status === 'ended') throw new ActNotPossible(`${step.step_id} is ${standing(step)}.`);
  await endByPerson(place, step, 'succeeded', null, { doneBy: place.by, note: given.reason });
  return { act: 'complete', stepId: step.step_id };
}

function standing(step: StepRow): string {
  return step.outcome ?? step.status;
}

/** One conditional update of the row: of a person and the step runner the first wins (design, rule 2). */
async function endByPerson(
  { tx, tenant, request, by }: ActPlace,
  step: StepRow,
  outcome: StepOutcome,
  reason: string | null,
  evidence: JsonObject | null,
): Promise<void> {
  const { run_id: runId, step_id: stepId, attempt } = step;
  const ended = await updateStep(tx, tenant, runId, stepId, {
    status: 'ended',
    outcome,
    reason,
    waiting_for: null,
    drift: null,
    evidence: evidence && json(evidence),
    ended_at: sql<Date>`clock_timestamp()`,
  });
  if (!ended) throw new ActNotPossible(`${stepId} has just ended.`);
  const data = { title: step.title, outcome, reason, evidence };
  await appendTimeline(tx, tenant, runId, [{ kind: 'step_ended', who: by, stepId, attempt, data }]);
  await appendStepEnded(tx, { tenant, runId, requestId: request.id, stepId }, outcome, null, attempt);
}
