import { sql } from 'kysely';
import { stepEnded } from '#libs/events';
import { systemClock, type AppError, type Effect, type FieldChange, type JsonObject, type Problem } from '#libs/kernel';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent, prepareEvent } from '#libs/platform/outbox';
import {
  isRefusal,
  type FieldDrift,
  type PlanStep,
  type Refusal,
  type StepDrift,
  type StepOutcome,
  type StepResult,
} from '../model/index.js';
import { appendTimeline, readStep, sameWait, updateRunStatus, updateStep } from '../store/run.store.js';
import { StepCrashed, StepRaced } from './process-errors.js';
import type { SheetStep } from './run-sheet.js';
import { StepWrites } from './step-writes.js';

export interface StepTask {
  readonly tenant: string;
  readonly runId: string;
  readonly requestId: string;
  readonly stepId: string;
}

/** A step in hand: its place in the plan, its row as the activity read it, and when this try began. */
export interface StepInHand {
  readonly task: StepTask;
  readonly step: PlanStep;
  readonly row: SheetStep;
  readonly startedAt: number;
  /** Set once this try may write: from then on its attempt is counted and its before-image on record. */
  writes: boolean;
}

export interface Ending {
  readonly outcome: StepOutcome;
  readonly after: Effect | null;
  readonly evidence: JsonObject | null;
  readonly problem: Problem | null;
}

const ENGINE = 'stellwerk';

/** A try that ends before its first write counts as an attempt too. */
const COUNTED = {
  attempt: sql<number>`attempt + 1`,
  started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
};

/** Commits where a step stands, each time with its line of the history, and at its end with its event. */
export class StepRecord {
  private readonly writes: StepWrites;

  constructor(private readonly database: Database) {
    this.writes = new StepWrites(database);
  }

  /**
   * Before the first write: counts the attempt and puts the before-image on record, once. Gives a result where nothing may
   * be written: the step was ended meanwhile, or a person stopped the run. One round trip.
   */
  async begin({ task, row }: StepInHand, image: Effect): Promise<'begun' | StepResult> {
    const { tenant, runId, stepId } = task;
    const state = await this.writes.write(tenant, { run: runId, step: stepId, does: 'begin', who: ENGINE, image });
    if (isRefusal(state)) return this.refused(task, state);
    if (state === 'ended') return { stepId, kind: 'ended', outcome: await this.outcomeOf(task) };
    // somebody else of this run wrote the image since the row was read: what it found counts, not what this try found
    if (state === 'again' && !row.before_image) throw new StepRaced(`${stepId} was begun twice; it is looked at anew.`);
    return 'begun';
  }

  /** A person stopped the run or put the step off; the workflow asks again. */
  private async refused({ tenant, runId, stepId }: StepTask, why: Refusal): Promise<StepResult> {
    if (why !== 'not_due') return { stepId, kind: 'refused', why };
    const { due_at: dueAt } = await inTenants(this.database, [tenant], (tx) => readStep(tx, tenant, runId, stepId));
    return { stepId, kind: 'refused', why, ...(dueAt ? { dueAt: dueAt.toISOString() } : {}) };
  }

  private outcomeOf({ tenant, runId, stepId }: StepTask): Promise<StepOutcome> {
    return inTenants(this.database, [tenant], async (tx) => {
      const { outcome } = await readStep(tx, tenant, runId, stepId);
      return outcome as StepOutcome;
    });
  }

  async receipt({ task }: StepInHand, receipt: JsonObject): Promise<void> {
    await this.write(task, (tx) => updateStep(tx, task.tenant, task.runId, task.stepId, { receipt: json(receipt) }));
  }

  /** Holds the step: somebody changed what was approved. The workflow asks for an approval of the difference. */
  async hold(
    { task, row, writes }: StepInHand,
    identity: StepDrift['identity'],
    fields: readonly FieldDrift[],
  ): Promise<StepResult> {
    const drift: StepDrift = { stepId: task.stepId, identity, fields };
    await this.write(task, async (tx) => {
      const attempt = row.attempt + 1;
      const change = { status: 'held', drift: json(drift), waiting_for: json({ kind: 'approval' }) };
      await updateStep(tx, task.tenant, task.runId, task.stepId, { ...change, ...(writes ? {} : COUNTED) });
      await line(tx, task, 'step_held', attempt, drift);
    });
    return { stepId: task.stepId, kind: 'drifted', identity: identity !== null };
  }

  /** Shows that the step waits for its system. */
  async wait({ task, step, row, writes }: StepInHand, error: AppError): Promise<void> {
    const attempt = row.attempt + 1;
    const wait = { kind: 'system', system: step.system, code: error.code, detail: error.message, attempt };
    await this.write(task, async (tx) => {
      const shown = await updateStep(tx, task.tenant, task.runId, task.stepId, {
        status: 'running',
        waiting_for: json(wait),
        ...(writes ? {} : COUNTED),
        ...(error instanceof StepCrashed ? { crashes: sql<number>`crashes + 1` } : {}),
      });
      if (!shown) return;
      const waitingFor = { kind: 'system', system: step.system, code: error.code } as const;
      await updateRunStatus(tx, task.tenant, task.runId, 'waiting', waitingFor);
      if (!sameWait(row.waiting_for, wait)) await line(tx, task, 'step_waiting', attempt, wait);
    });
  }

  /** Ends the step. Ended by somebody else meanwhile (a person, a lost run), what is on record counts. One round trip. */
  async end(begun: StepInHand, ending: Ending): Promise<StepResult> {
    const { tenant, runId, stepId } = begun.task;
    const written = { run: runId, step: stepId, ending: endingOf(begun, ending), event: endEvent(begun, ending) };
    const answer = await this.writes.write(tenant, { does: 'end', ...written });
    return isRefusal(answer)
      ? this.refused(begun.task, answer)
      : { stepId, kind: 'ended', outcome: answer as StepOutcome };
  }

  private write<T>({ tenant }: StepTask, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTenants(this.database, [tenant], work);
  }
}

function endingOf({ step, startedAt, writes }: StepInHand, { outcome, after, evidence, problem }: Ending) {
  const changes: readonly FieldChange[] = after?.changes ?? [];
  const told = { title: step.title, outcome, after: changes, evidence, problem };
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  return { who: ENGINE, outcome, after, evidence, problem, seconds, counted: writes, line: told };
}

/** The event of the end; the database adds the attempt and the time. */
function endEvent({ task, row }: StepInHand, { outcome, problem }: Ending) {
  const { runId, stepId } = task;
  const data = { runId, stepId, outcome, code: problem?.code ?? null, attempt: row.attempt };
  const event = prepareEvent(stepEnded, endOrigin(task), data);
  const { tenant_id: tenant, event_id: id, shard, topic, key, headers, value } = event;
  return { tenant, id, shard, topic, key, headers, value: value.toString('utf8') };
}

function endOrigin({ tenant, runId, requestId }: StepTask) {
  return {
    tenant,
    aggregate: `run/${runId}`,
    correlationId: requestId,
    causationId: null,
    at: systemClock.now(),
  };
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
  const { runId, stepId } = task;
  await appendEvent(tx, stepEnded, endOrigin(task), { runId, stepId, outcome, code, attempt });
}
