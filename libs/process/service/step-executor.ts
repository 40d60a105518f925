import { DriftDuringApply, IdentityDrift, type Block, type BlockContext } from '#libs/connectors';
import { AppError, type Effect, type FieldChange, type JsonObject } from '#libs/kernel';
import { isDatabaseUnavailable, type Database } from '#libs/platform/database';
import {
  compareWithApproved,
  type Comparison,
  type PlanStep,
  type StepOutcome,
  type StepResult,
} from '../model/index.js';
import { blockInput, freshEffect, takesBackOwnRun } from './fresh-effect.js';
import { NotProven, StepCrashed } from './process-errors.js';
import type { RunSheet, SheetStep } from './run-sheet.js';
import { StepRecord, type Ending, type StepInHand, type StepTask } from './step-record.js';
import type { Pulse, StepSystems } from './step-systems.js';

/** A step in hand with what it is done by. */
interface StepWork extends StepInHand {
  readonly begun: StepInHand;
  readonly block: Block;
  readonly context: BlockContext;
}

/** After so many unexpected errors a step or a plan ends instead of being tried for ever. */
export const CRASHES_BEFORE_GIVING_UP = 5;

/**
 * Does one step of a run: compare with what was approved, put the before-image on record, write, read back, commit the
 * outcome with its event. May be called again at any moment: what is committed is not done again, what was written is
 * recognised by the before-image on record, and a repeat of the write itself is harmless by the block's contract.
 */
export class StepExecutor {
  private readonly record: StepRecord;

  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {
    this.record = new StepRecord(database);
  }

  /**
   * Gives the step's result; throws a retryable `AppError` when its system cannot be asked now. `sheet` is the run as the
   * activity read it.
   */
  async execute(task: StepTask, sheet: RunSheet, pulse: Pulse): Promise<StepResult> {
    const row = sheet.rows.get(task.stepId)!;
    if (row.status === 'ended') return { stepId: task.stepId, kind: 'ended', outcome: row.outcome as StepOutcome };
    const step = sheet.plan.steps.find((candidate) => candidate.id === task.stepId)!;
    const begun: StepInHand = { task, step, row, startedAt: performance.now(), writes: false };
    try {
      return await this.carryOut(await this.prepare(begun, sheet, pulse));
    } catch (error) {
      if (pulse.signal.aborted || isDatabaseUnavailable(error)) throw error;
      return this.takeError(begun, error);
    }
  }

  private async prepare(begun: StepInHand, sheet: RunSheet, pulse: Pulse): Promise<StepWork> {
    const { task, step, row } = begun;
    const { tenant, runId, stepId } = task;
    const at = { tenant, runId, stepId, system: step.system, expectedIdentity: expectedIdentity(step, sheet) };
    const connection = sheet.systems.get(step.system);
    const place = { ...at, connection, beforeImage: row.before_image, takesBack: step.source };
    return {
      begun,
      ...begun,
      block: this.systems.block(step.block),
      context: await this.systems.context(place, pulse),
    };
  }

  private async carryOut(work: StepWork): Promise<StepResult> {
    const { step, row, block, context, begun } = work;
    const fresh = await freshEffect(this.database, block, context, step);
    const comparison = compare(step, fresh);
    if (comparison.kind === 'drifted') return this.record.hold(begun, null, comparison.fields);
    const open = comparison.kind === 'as_approved' ? comparison.remaining : [];
    const remaining = open.filter((change) => !isDone(change, row));
    if (remaining.length === 0 && !row.before_image) return this.record.end(begun, alreadyThere(step, fresh));
    const effect = { ...fresh, changes: remaining };
    const beginning = await this.record.begin(begun, effect);
    if (beginning !== 'begun') return beginning;
    begun.writes = true;
    const receipt = remaining.length === 0 ? row.receipt : await this.write(work, effect);
    context.heartbeat();
    const written = row.before_image ?? effect;
    const proof = await block.verify(context, blockInput(step), written, receipt);
    const identity = written.identity ?? proof.identity ?? null;
    const after = { ...written, identity, changes: written.changes.map((change) => observed(proof.observed, change)) };
    const { evidence } = proof;
    if (proof.proven) return this.record.end(begun, { outcome: 'succeeded', after, evidence, problem: null });
    const problem = proof.problem ?? notProven(step).toProblem();
    return this.record.end(begun, { outcome: 'failed', after, evidence, problem });
  }

  /** What cannot be compared afterwards counts as done by its receipt, which is therefore committed before the proof. */
  private async write(work: StepWork, effect: Effect): Promise<JsonObject> {
    work.context.heartbeat();
    const receipt = (await work.block.apply(work.context, blockInput(work.step), effect)) ?? {};
    if (effect.changes.some((change) => change.opaque)) await this.record.receipt(work.begun, receipt);
    return receipt;
  }

  private async takeError(begun: StepInHand, error: unknown): Promise<StepResult> {
    if (error instanceof IdentityDrift) {
      const found = (error.context?.['found'] ?? null) as string | null;
      return this.record.hold(begun, { approved: begun.step.effect.identity?.id ?? '', found }, []);
    }
    // somebody wrote between our reading and our writing: the next try compares anew, and holds the step if it must
    const final = error instanceof AppError && !error.retryable && !(error instanceof DriftDuringApply);
    if (final) return this.record.end(begun, failed('failed', error));
    const known = error instanceof AppError ? error : crashOf(begun.step, error);
    if (known instanceof StepCrashed && begun.row.crashes + 1 >= CRASHES_BEFORE_GIVING_UP) {
      // a write may have happened: then nobody knows the outcome, and the history says so
      return this.record.end(begun, failed(begun.row.before_image || begun.writes ? 'unknown' : 'failed', known));
    }
    await this.record.wait(begun, known);
    throw known;
  }
}

/** The object that was approved; for what takes back a step of its own run, the one that this step touched. */
function expectedIdentity(step: PlanStep, sheet: RunSheet): string | null {
  const source = takesBackOwnRun(step) ? sheet.rows.get(step.source!.stepId)?.before_image : step.effect;
  return source?.identity?.id ?? null;
}

/** What its own run did is on record only since it was done, so there is nothing approved to compare it with. */
function compare(step: PlanStep, fresh: Effect): Comparison {
  return takesBackOwnRun(step)
    ? { kind: 'as_approved', remaining: fresh.changes }
    : compareWithApproved(step.effect, fresh);
}

/** A change that cannot be compared is done when its receipt is on record. */
function isDone(change: FieldChange, row: SheetStep): boolean {
  return change.opaque === true && row.receipt !== null;
}

function alreadyThere(step: PlanStep, fresh: Effect): Ending {
  const evidence = { compared: step.effect.changes.length };
  return { outcome: 'already_in_desired_state', after: fresh, evidence, problem: null };
}

function failed(outcome: 'failed' | 'unknown', error: AppError): Ending {
  return { outcome, after: null, evidence: null, problem: error.toProblem() };
}

/** The text of an unexpected error may hold anything, so it goes to the log only. */
function crashOf(step: PlanStep, cause: unknown): StepCrashed {
  return new StepCrashed(`${step.title}: an unexpected error; the worker's log says which.`, { cause });
}

function notProven(step: PlanStep): NotProven {
  return new NotProven(
    `${step.title}: the system does not show what was written. Look at the observed values in its history.`,
  );
}

type Observed = readonly { readonly target: string; readonly field: string; readonly value: FieldChange['after'] }[];

/** The change with what was read back in place of what was meant. */
function observed(values: Observed, change: FieldChange): FieldChange {
  const ofField = values.filter((value) => value.field === change.field);
  const same = ofField.find((value) => value.target.toLowerCase() === change.target.toLowerCase()) ?? ofField[0];
  return { ...change, after: same?.value ?? null };
}
