import { sql } from 'kysely';
import { DriftDuringApply, IdentityDrift, type Block, type BlockContext } from '#libs/connectors';
import { stepEnded } from '#libs/events';
import { AppError, type Effect, type FieldChange, type JsonObject, type Problem } from '#libs/kernel';
import { inTenants, isDatabaseUnavailable, json, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  compareWithApproved,
  type FieldDrift,
  type PlanStep,
  type StepDrift,
  type StepOutcome,
  type StepResult,
} from '../model/index.js';
import {
  appendTimeline,
  readRun,
  readStep,
  recordBeforeImage,
  sameWait,
  updateRunStatus,
  updateStep,
  type StepRow,
} from '../store/run.store.js';
import { NotProven, StepClosed, StepCrashed } from './process-errors.js';
import type { Pulse, StepSystems } from './step-systems.js';

export interface StepTask {
  readonly tenant: string;
  readonly runId: string;
  readonly requestId: string;
  readonly stepId: string;
}

interface StepWork {
  readonly task: StepTask;
  readonly step: PlanStep;
  readonly row: StepRow;
  readonly block: Block;
  readonly context: BlockContext;
  readonly attempt: number;
  readonly startedAt: number;
}

interface Ending {
  readonly outcome: StepOutcome;
  readonly after: Effect | null;
  readonly evidence: JsonObject | null;
  readonly problem: Problem | null;
}

/** After so many unexpected errors a step or a plan ends instead of being tried for ever. */
export const CRASHES_BEFORE_GIVING_UP = 5;

/**
 * Does one step of a run: compare with what was approved, put the before-image on record, write, read back, commit the
 * outcome with its event. May be called again at any moment: what is committed is not done again, what was written is
 * recognised by the before-image on record, and a repeat of the write itself is harmless by the block's contract.
 */
export class StepExecutor {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** Gives the step's result; throws a retryable `AppError` when its system cannot be asked now. */
  async execute(task: StepTask, pulse: Pulse): Promise<StepResult> {
    const work = await this.begin(task, pulse);
    if ('kind' in work) return work;
    try {
      return await this.carryOut(work);
    } catch (error) {
      return this.takeError(work, error);
    }
  }

  private async begin(task: StepTask, pulse: Pulse): Promise<StepWork | StepResult> {
    const { tenant, runId, stepId } = task;
    const { run, row } = await inTenants(this.database, [tenant], async (tx) => {
      await updateStep(tx, tenant, runId, stepId, {
        status: 'running',
        attempt: sql<number>`attempt + 1`,
        started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
      });
      const row = await readStep(tx, tenant, runId, stepId);
      // the first try shows in what it did; a further one is told, because the one before may have died without a word
      if (row.status !== 'ended' && row.attempt > 1)
        await appendTimeline(tx, tenant, runId, [
          { kind: 'step_tried_again', who: 'stellwerk', stepId, attempt: row.attempt },
        ]);
      return { run: await readRun(tx, tenant, runId), row };
    });
    if (row.status === 'ended') return { stepId, kind: 'ended', outcome: row.outcome as StepOutcome };
    const step = run.plan.steps.find((candidate) => candidate.id === stepId)!;
    const block = this.systems.block(step.block);
    const place = {
      tenant,
      runId,
      stepId,
      system: step.system,
      expectedIdentity: step.effect.identity?.id ?? null,
      beforeImage: row.before_image,
    };
    const context = await this.systems.context(place, pulse);
    return { task, step, row, block, context, attempt: row.attempt, startedAt: performance.now() };
  }

  private async carryOut(work: StepWork): Promise<StepResult> {
    const { step, row, block, context } = work;
    const fresh = await this.freshEffect(work);
    const comparison = compareWithApproved(step.effect, fresh);
    if (comparison.kind === 'drifted') return this.hold(work, { identity: null, fields: comparison.fields });
    const remaining =
      comparison.kind === 'as_approved' ? comparison.remaining.filter((change) => !isDone(change, row)) : [];
    if (remaining.length === 0 && !row.before_image) return this.end(work, alreadyThere(step, fresh));
    await this.recordBefore(work, fresh, remaining);
    const receipt = remaining.length === 0 ? row.receipt : await this.write(work, { ...fresh, changes: remaining });
    context.heartbeat();
    const written = row.before_image ?? { ...fresh, changes: remaining };
    const proof = await block.verify(context, blockInput(step), written, receipt);
    const after: Effect = {
      ...written,
      changes: written.changes.map((change) => ({ ...change, after: observedOf(proof.observed, change) })),
    };
    if (proof.proven) return this.end(work, { outcome: 'succeeded', after, evidence: proof.evidence, problem: null });
    const problem =
      proof.problem ??
      new NotProven(
        `${step.title}: the system does not show what was written. Look at the observed values in its history.`,
      ).toProblem();
    return this.end(work, { outcome: 'failed', after, evidence: proof.evidence, problem });
  }

  private freshEffect({ step, block, context, task }: StepWork): Promise<Effect> {
    return step.verb === 'apply' ? block.plan(context, step.input) : this.undoEffect(task.tenant, step, block, context);
  }

  private async undoEffect(tenant: string, step: PlanStep, block: Block, context: BlockContext): Promise<Effect> {
    const source = step.source!;
    const ledger = await inTenants(this.database, [tenant], (tx) => readStep(tx, tenant, source.runId, source.stepId));
    const overwrite = (step.input['overwrite'] ?? []) as string[];
    return block.undo(context, step.input['of'] as JsonObject, ledger.before_image!, overwrite);
  }

  private async recordBefore(
    { task, attempt, row }: StepWork,
    fresh: Effect,
    changes: readonly FieldChange[],
  ): Promise<void> {
    if (row.before_image) return;
    const image: Effect = { ...fresh, changes };
    await inTenants(this.database, [task.tenant], async (tx) => {
      const recorded = await recordBeforeImage(tx, task.tenant, task.runId, task.stepId, image);
      if (!recorded) throw new StepClosed(`${task.stepId} was ended meanwhile; nothing was written.`);
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: 'before_image_recorded', who: 'stellwerk', stepId: task.stepId, attempt, data: { changes } },
      ]);
    });
  }

  private async write({ block, context, step, task }: StepWork, effect: Effect): Promise<JsonObject> {
    context.heartbeat();
    const receipt = (await block.apply(context, blockInput(step), effect)) ?? {};
    await inTenants(this.database, [task.tenant], (tx) =>
      updateStep(tx, task.tenant, task.runId, task.stepId, { receipt: json(receipt) }),
    );
    return receipt;
  }

  /** Holds the step: somebody changed what was approved. The workflow asks for an approval of the difference. */
  private async hold(
    { task, attempt }: StepWork,
    found: { identity: StepDrift['identity']; fields: readonly FieldDrift[] },
  ): Promise<StepResult> {
    const drift: StepDrift = { stepId: task.stepId, ...found };
    await inTenants(this.database, [task.tenant], async (tx) => {
      await updateStep(tx, task.tenant, task.runId, task.stepId, {
        status: 'held',
        drift: json(drift),
        waiting_for: json({ kind: 'approval' }),
      });
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: 'step_held', who: 'stellwerk', stepId: task.stepId, attempt, data: drift },
      ]);
    });
    return { stepId: task.stepId, kind: 'drifted', identity: found.identity !== null };
  }

  private async end({ task, step, row, attempt, startedAt }: StepWork, ending: Ending): Promise<StepResult> {
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    // ended by somebody else meanwhile (its run was lost): what is on record counts
    const outcome = await inTenants(this.database, [task.tenant], async (tx) => {
      const before = (await readStep(tx, task.tenant, task.runId, task.stepId)).before_image ?? row.before_image;
      const ended = await updateStep(tx, task.tenant, task.runId, task.stepId, {
        status: 'ended',
        outcome: ending.outcome,
        waiting_for: null,
        drift: null,
        after_image: ending.after && json(ending.after),
        evidence: ending.evidence && json(ending.evidence),
        problem: ending.problem && json(ending.problem),
        ended_at: sql<Date>`clock_timestamp()`,
      });
      if (!ended)
        return ((await readStep(tx, task.tenant, task.runId, task.stepId)).outcome ?? ending.outcome) as StepOutcome;
      if (row.waiting_for) await updateRunStatus(tx, task.tenant, task.runId, 'running', null);
      const data = {
        title: step.title,
        outcome: ending.outcome,
        before: before?.changes ?? [],
        after: ending.after?.changes ?? [],
        evidence: ending.evidence,
        problem: ending.problem,
      };
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: 'step_ended', who: 'stellwerk', stepId: task.stepId, attempt, seconds, data },
      ]);
      await appendStepEnded(tx, task, ending.outcome, ending.problem?.code ?? null, attempt);
      return ending.outcome;
    });
    return { stepId: task.stepId, kind: 'ended', outcome };
  }

  private async takeError(work: StepWork, error: unknown): Promise<StepResult> {
    const { step, context } = work;
    if (context.signal.aborted || isDatabaseUnavailable(error)) throw error;
    if (error instanceof IdentityDrift) {
      const found = (error.context?.['found'] ?? null) as string | null;
      return this.hold(work, { identity: { approved: step.effect.identity?.id ?? '', found }, fields: [] });
    }
    // somebody wrote between our reading and our writing: the next try compares anew, and holds the step if it must
    const final = error instanceof AppError && !error.retryable && !(error instanceof DriftDuringApply);
    if (final) return this.end(work, failed(error.toProblem()));
    const known =
      error instanceof AppError
        ? error
        : new StepCrashed(error instanceof Error ? error.message : String(error), { cause: error });
    if (known instanceof StepCrashed && work.row.crashes + 1 >= CRASHES_BEFORE_GIVING_UP)
      return this.giveUp(work, known.toProblem());
    await this.showWait(work, known);
    throw known;
  }

  /** A write may have happened: then nobody knows the outcome, and the history says so. */
  private giveUp(work: StepWork, problem: Problem): Promise<StepResult> {
    return this.end(work, { ...failed(problem), outcome: work.row.before_image ? 'unknown' : 'failed' });
  }

  private async showWait({ task, step, row, attempt }: StepWork, error: AppError): Promise<void> {
    const wait = { kind: 'system', system: step.system, code: error.code, detail: error.message, attempt };
    await inTenants(this.database, [task.tenant], async (tx) => {
      await updateStep(tx, task.tenant, task.runId, task.stepId, {
        waiting_for: json(wait),
        ...(error instanceof StepCrashed ? { crashes: sql<number>`crashes + 1` } : {}),
      });
      await updateRunStatus(tx, task.tenant, task.runId, 'waiting', {
        kind: 'system',
        system: step.system,
        code: error.code,
      });
      if (sameWait(row.waiting_for, wait)) return;
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: 'step_waiting', who: 'stellwerk', stepId: task.stepId, attempt, data: wait },
      ]);
    });
  }
}

/** Appends the event of a step's end. */
export async function appendStepEnded(
  tx: Transaction,
  task: StepTask,
  outcome: StepOutcome,
  code: string | null,
  attempt: number,
): Promise<void> {
  const { tenant, runId, requestId, stepId } = task;
  const origin = { tenant, aggregate: `run/${runId}`, correlationId: requestId, causationId: null, at: new Date() };
  await appendEvent(tx, stepEnded, origin, { runId, stepId, outcome, code, attempt });
}

/** An undo step carries the input of the step it takes back under `of`. */
function blockInput(step: PlanStep): JsonObject {
  return step.verb === 'undo' ? (step.input['of'] as JsonObject) : step.input;
}

/** A change that cannot be compared is done when its receipt is on record. */
function isDone(change: FieldChange, row: StepRow): boolean {
  return change.opaque === true && row.receipt !== null;
}

function alreadyThere(step: PlanStep, fresh: Effect): Ending {
  const evidence = { compared: step.effect.changes.length };
  return { outcome: 'already_in_desired_state', after: fresh, evidence, problem: null };
}

function failed(problem: Problem): Ending {
  return { outcome: 'failed', after: null, evidence: null, problem };
}

type Observed = readonly { readonly target: string; readonly field: string; readonly value: FieldChange['after'] }[];

function observedOf(observed: Observed, change: FieldChange): FieldChange['after'] {
  const same = observed.find(
    (value) => value.field === change.field && value.target.toLowerCase() === change.target.toLowerCase(),
  );
  return same ? same.value : (observed.find((value) => value.field === change.field)?.value ?? null);
}
