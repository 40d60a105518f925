import { sql } from 'kysely';
import { AppError, type Effect } from '#libs/kernel';
import { inTenants, json, type Database } from '#libs/platform/database';
import type { PlanStep, StepOutcome, StepResult } from '../model/index.js';
import { appendTimeline, readRun, readStep, type StepRow } from '../store/run.store.js';
import { recordedEffect } from './fresh-effect.js';
import { NotProven } from './process-errors.js';
import { appendStepEnded, type StepTask } from './step-record.js';
import type { Pulse, StepSystems } from './step-systems.js';

/**
 * Takes back one step of a run that was cancelled, from its before-image. Reading back decides: only what stands as
 * before counts as compensated. Harmless to repeat, because `undo` looks at what is there now.
 */
export class StepCompensation {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** Gives the step's new outcome; throws a retryable `AppError` when its system cannot be asked now. */
  async compensate(task: StepTask, pulse: Pulse): Promise<StepResult> {
    const { tenant, runId, stepId } = task;
    const { run, row } = await inTenants(this.database, [tenant], async (tx) => ({
      run: await readRun(tx, tenant, runId),
      row: await readStep(tx, tenant, runId, stepId),
    }));
    if (row.outcome === 'compensated' || !row.before_image)
      return { stepId, kind: 'ended', outcome: row.outcome as StepOutcome };
    const step = run.plan.steps.find((candidate) => candidate.id === stepId)!;
    try {
      return await this.takeBack(task, step, row, recordedEffect(row)!, pulse);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      return this.leave(task, row, error);
    }
  }

  private async takeBack(
    task: StepTask,
    step: PlanStep,
    row: StepRow,
    image: Effect,
    pulse: Pulse,
  ): Promise<StepResult> {
    const { tenant, runId, stepId } = task;
    const block = this.systems.block(step.block);
    const place = {
      tenant,
      runId,
      stepId: `${stepId}-undo`,
      system: step.system,
      expectedIdentity: image.identity?.id ?? null,
      takesBack: { runId, stepId },
    };
    const context = await this.systems.context(place, pulse);
    const effect = await block.undo(context, step.input, image, []);
    if (effect.irreversible !== null) throw new NotProven(`${step.title}: ${effect.irreversible}`);
    const receipt = effect.changes.length > 0 ? ((await block.apply(context, step.input, effect)) ?? null) : null;
    const proof = await block.verify(context, step.input, effect, receipt);
    if (!proof.proven) throw new NotProven(`${step.title}: what was taken back could not be read back.`);
    if (effect.kept.length > 0)
      throw new NotProven(
        `${step.title}: others changed ${effect.kept.map((kept) => kept.field).join(', ')} since; that was left alone.`,
      );
    await inTenants(this.database, [tenant], async (tx) => {
      const set = { outcome: 'compensated', ended_at: sql<Date>`clock_timestamp()`, evidence: json(proof.evidence) };
      await tx
        .updateTable('run_steps')
        .set(set)
        .where('tenant_id', '=', tenant)
        .where('run_id', '=', runId)
        .where('step_id', '=', stepId)
        .execute();
      const data = { changes: effect.changes, evidence: proof.evidence };
      await appendTimeline(tx, tenant, runId, [
        { kind: 'step_compensated', who: 'stellwerk', stepId, attempt: row.attempt, data },
      ]);
      await appendStepEnded(tx, task, 'compensated', null, row.attempt);
    });
    return { stepId, kind: 'ended', outcome: 'compensated' };
  }

  /** Cannot be taken back: the step keeps its outcome and the history says why. */
  private async leave({ tenant, runId, stepId }: StepTask, row: StepRow, error: AppError): Promise<StepResult> {
    await inTenants(this.database, [tenant], (tx) =>
      appendTimeline(tx, tenant, runId, [
        {
          kind: 'step_not_compensated',
          who: 'stellwerk',
          stepId,
          attempt: row.attempt,
          data: { problem: error.toProblem() },
        },
      ]),
    );
    return { stepId, kind: 'ended', outcome: row.outcome as StepOutcome };
  }
}
