import { sql } from 'kysely';
import { stepEnded } from '#libs/events';
import type { AppError, Effect, FieldChange, JsonObject, Problem } from '#libs/kernel';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import type { FieldDrift, PlanStep, StepDrift, StepOutcome, StepResult } from '../model/index.js';
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
import { StepClosed, StepCrashed } from './process-errors.js';

export interface StepTask {
  readonly tenant: string;
  readonly runId: string;
  readonly requestId: string;
  readonly stepId: string;
}

/** A step under way: its place in the plan, its row as this attempt found it, and when the attempt began. */
export interface BegunStep {
  readonly task: StepTask;
  readonly step: PlanStep;
  readonly row: StepRow;
  readonly attempt: number;
  readonly startedAt: number;
}

export interface Ending {
  readonly outcome: StepOutcome;
  readonly after: Effect | null;
  readonly evidence: JsonObject | null;
  readonly problem: Problem | null;
}

const ENGINE = 'stellwerk';

/** Commits where a step stands, each time with its line of the history, and at its end with its event. */
export class StepRecord {
  constructor(private readonly database: Database) {}

  /** Begins an attempt; gives the recorded result when the step has ended already. */
  async begin(task: StepTask): Promise<BegunStep | StepResult> {
    const { tenant, runId, stepId } = task;
    const { run, row } = await this.write(task, async (tx) => {
      await updateStep(tx, tenant, runId, stepId, {
        status: 'running',
        attempt: sql<number>`attempt + 1`,
        started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
      });
      const found = await readStep(tx, tenant, runId, stepId);
      // the first try shows in what it did; a further one is told, because the one before may have died without a word
      if (found.status !== 'ended' && found.attempt > 1) await line(tx, task, 'step_tried_again', found.attempt, {});
      return { run: await readRun(tx, tenant, runId), row: found };
    });
    if (row.status === 'ended') return { stepId, kind: 'ended', outcome: row.outcome as StepOutcome };
    const step = run.plan.steps.find((candidate) => candidate.id === stepId)!;
    return { task, step, row, attempt: row.attempt, startedAt: performance.now() };
  }

  /** Puts the before-image on record, once. Throws `StepClosed` when the step was ended meanwhile: nothing may be written. */
  async before({ task, row, attempt }: BegunStep, image: Effect): Promise<void> {
    if (row.before_image) return;
    await this.write(task, async (tx) => {
      const recorded = await recordBeforeImage(tx, task.tenant, task.runId, task.stepId, image);
      if (!recorded) throw new StepClosed(`${task.stepId} was ended meanwhile; nothing was written.`);
      await line(tx, task, 'before_image_recorded', attempt, { changes: image.changes });
    });
  }

  async receipt({ task }: BegunStep, receipt: JsonObject): Promise<void> {
    await this.write(task, (tx) => updateStep(tx, task.tenant, task.runId, task.stepId, { receipt: json(receipt) }));
  }

  /** Holds the step: somebody changed what was approved. The workflow asks for an approval of the difference. */
  async hold(
    { task, attempt }: BegunStep,
    identity: StepDrift['identity'],
    fields: readonly FieldDrift[],
  ): Promise<StepResult> {
    const drift: StepDrift = { stepId: task.stepId, identity, fields };
    await this.write(task, async (tx) => {
      const change = { status: 'held', drift: json(drift), waiting_for: json({ kind: 'approval' }) };
      await updateStep(tx, task.tenant, task.runId, task.stepId, change);
      await line(tx, task, 'step_held', attempt, drift);
    });
    return { stepId: task.stepId, kind: 'drifted', identity: identity !== null };
  }

  /** Shows that the step waits for its system. */
  async wait({ task, step, row, attempt }: BegunStep, error: AppError): Promise<void> {
    const wait = { kind: 'system', system: step.system, code: error.code, detail: error.message, attempt };
    await this.write(task, async (tx) => {
      await updateStep(tx, task.tenant, task.runId, task.stepId, {
        waiting_for: json(wait),
        ...(error instanceof StepCrashed ? { crashes: sql<number>`crashes + 1` } : {}),
      });
      const waitingFor = { kind: 'system', system: step.system, code: error.code } as const;
      await updateRunStatus(tx, task.tenant, task.runId, 'waiting', waitingFor);
      if (!sameWait(row.waiting_for, wait)) await line(tx, task, 'step_waiting', attempt, wait);
    });
  }

  /** Ends the step. Ended by somebody else meanwhile (its run was lost), what is on record counts. */
  async end(begun: BegunStep, ending: Ending): Promise<StepResult> {
    const { task, row, attempt, startedAt } = begun;
    const { tenant, runId, stepId } = task;
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    const outcome = await this.write(task, async (tx) => {
      const ended = await updateStep(tx, tenant, runId, stepId, endingRow(ending));
      const now = await readStep(tx, tenant, runId, stepId);
      if (!ended) return now.outcome as StepOutcome;
      if (row.waiting_for) await updateRunStatus(tx, tenant, runId, 'running', null);
      const data = { title: begun.step.title, ...endingLine(ending), before: now.before_image?.changes ?? [] };
      await line(tx, task, 'step_ended', attempt, data, seconds);
      await appendStepEnded(tx, task, ending.outcome, ending.problem?.code ?? null, attempt);
      return ending.outcome;
    });
    return { stepId, kind: 'ended', outcome };
  }

  private write<T>({ tenant }: StepTask, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTenants(this.database, [tenant], work);
  }
}

function endingRow({ outcome, after, evidence, problem }: Ending) {
  return {
    status: 'ended',
    outcome,
    waiting_for: null,
    drift: null,
    after_image: after && json(after),
    evidence: evidence && json(evidence),
    problem: problem && json(problem),
    ended_at: sql<Date>`clock_timestamp()`,
  };
}

function endingLine({ outcome, after, evidence, problem }: Ending) {
  const changes: readonly FieldChange[] = after?.changes ?? [];
  return { outcome, after: changes, evidence, problem };
}

function line(
  tx: Transaction,
  task: StepTask,
  kind: string,
  attempt: number,
  data: unknown,
  seconds?: number,
): Promise<void> {
  const entry = { kind, who: ENGINE, stepId: task.stepId, attempt, data };
  return appendTimeline(tx, task.tenant, task.runId, [seconds === undefined ? entry : { ...entry, seconds }]);
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
