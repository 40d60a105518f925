import { inTenants, type Database } from '#libs/platform/database';
import {
  readRunSheet,
  readSteps,
  type Pulse,
  type RunSheet,
  type StepCompensation,
  type StepExecutor,
} from '#libs/process';
import { mayBegin, type Refusal, type StepResult } from '#libs/process/model';
import type { StepsTask } from '../../../workflows/support/activities.js';

/** Does steps of a run against one system. */
export class StepActivities {
  constructor(
    private readonly database: Database,
    private readonly executor: StepExecutor,
    private readonly compensation: StepCompensation,
  ) {}

  /**
   * Walks the steps in the order of what they depend on, as far in parallel as that allows; each commits as it ends. When
   * one has to wait while another ended, the call returns early, so that what depends on the ended one goes on; when all
   * of them wait, the error sends the whole call round again after a pause, and what is committed is not done again.
   */
  async workSteps(task: StepsTask, pulse: Pulse): Promise<readonly StepResult[]> {
    const walk = task.mode === 'apply' ? await this.applying(task, pulse) : this.compensating(task, pulse);
    await walk.finish();
    const { results, failures } = walk;
    if (failures.length > 0 && (results.size === 0 || pulse.signal.aborted || task.mode === 'compensate'))
      throw failures[0];
    const all = task.stepIds.map((stepId): StepResult => results.get(stepId) ?? { stepId, kind: 'not_started' });
    return task.mode === 'apply' ? this.withWritten(task, all) : all;
  }

  /** Says of steps that did not succeed whether they may have written: a cancellation that undoes takes these back too. */
  private async withWritten(
    { tenant, runId }: StepsTask,
    results: readonly StepResult[],
  ): Promise<readonly StepResult[]> {
    const isOpen = (result: StepResult): boolean =>
      result.kind === 'ended' && (result.outcome === 'failed' || result.outcome === 'unknown');
    if (!results.some(isOpen)) return results;
    const rows = await inTenants(this.database, [tenant], (tx) => readSteps(tx, tenant, runId));
    const written = new Set(rows.filter((row) => row.before_image !== null).map((row) => row.step_id));
    return results.map((result) =>
      isOpen(result) && written.has(result.stepId) ? { ...result, written: true } : result,
    );
  }

  private async applying(task: StepsTask, pulse: Pulse): Promise<StepWalk> {
    const { tenant, runId, requestId, stepIds } = task;
    const sheet = await readRunSheet(this.database, tenant, runId);
    return new StepWalk(
      stepIds,
      (stepId, ended) => mayBegin(stepOf(sheet, stepId), new Set(stepIds), ended),
      (stepId) => this.executor.execute({ tenant, runId, requestId, stepId }, sheet, pulse),
    );
  }

  private compensating({ tenant, runId, requestId, stepIds }: StepsTask, pulse: Pulse): StepWalk {
    const takeBack = (stepId: string) => this.compensation.compensate({ tenant, runId, requestId, stepId }, pulse);
    return new StepWalk(stepIds, () => true, takeBack);
  }
}

function stepOf(sheet: RunSheet, stepId: string) {
  return sheet.plan.steps.find((step) => step.id === stepId)!;
}

type Results = ReadonlyMap<string, StepResult>;

/** Refusals that hold for every step of a run. */
const STOPS: readonly Refusal[] = ['paused', 'cancelled'];

/** Steps under way beside each other: whenever one ends, those that waited for it begin. */
class StepWalk {
  readonly results = new Map<string, StepResult>();
  readonly failures: unknown[] = [];
  private readonly waiting: Set<string>;

  constructor(
    stepIds: readonly string[],
    private readonly mayBegin: (stepId: string, ended: Results) => boolean,
    private readonly work: (stepId: string) => Promise<StepResult>,
  ) {
    this.waiting = new Set(stepIds);
  }

  /** Until nothing is under way and nothing more can begin. */
  async finish(): Promise<void> {
    await Promise.all([...this.waiting].filter((stepId) => this.isReady(stepId)).map((stepId) => this.begin(stepId)));
  }

  private isReady(stepId: string): boolean {
    return this.waiting.has(stepId) && !this.isHalted() && this.mayBegin(stepId, this.results);
  }

  /** A person stopped the run, or the object turned out to be another one: nothing more begins. */
  private isHalted(): boolean {
    return [...this.results.values()].some(
      (result) =>
        (result.kind === 'refused' && STOPS.includes(result.why)) || (result.kind === 'drifted' && result.identity),
    );
  }

  private async begin(stepId: string): Promise<void> {
    this.waiting.delete(stepId);
    try {
      this.results.set(stepId, await this.work(stepId));
    } catch (error) {
      this.failures.push(error);
      return;
    }
    await this.finish();
  }
}
