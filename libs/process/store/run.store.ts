import { sql } from 'kysely';
import { sameJson, type Effect, type JsonObject, type Problem } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import {
  lateSteps,
  type Plan,
  type RunStatus,
  type StepDrift,
  type StepOutcome,
  type WaitingFor,
} from '../model/index.js';

export type RunRow = Omit<Row<'runs'>, 'plan'> & { plan: Plan };
export type StepRow = Omit<Row<'run_steps'>, 'before_image' | 'receipt' | 'drift'> & {
  before_image: Effect | null;
  receipt: JsonObject | null;
  drift: StepDrift | null;
};

/** One line of a run's history. `seconds` is how long what it tells of took. */
export interface TimelineEntry {
  readonly kind: string;
  readonly who: string;
  readonly stepId?: string;
  readonly attempt?: number;
  readonly seconds?: number;
  readonly data?: unknown;
}

/** Appends to the history. The run's row is locked by counting, so that `seq` has no gaps and follows commits. */
export async function appendTimeline(
  tx: Transaction,
  tenant: string,
  runId: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql`SELECT append_timeline(${tenant}, ${runId}, ${json(entries)})`.execute(tx);
}

export async function readRun(tx: Transaction, tenant: string, runId: string): Promise<RunRow> {
  const row = await tx
    .selectFrom('runs')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  return row as unknown as RunRow;
}

export async function readStep(tx: Transaction, tenant: string, runId: string, stepId: string): Promise<StepRow> {
  const row = await stepQuery(tx, tenant, runId, stepId).executeTakeFirstOrThrow();
  return row as unknown as StepRow;
}

export async function readSteps(tx: Transaction, tenant: string, runId: string): Promise<StepRow[]> {
  const rows = await tx
    .selectFrom('run_steps')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .orderBy('position')
    .execute();
  return rows as unknown as StepRow[];
}

function stepQuery(tx: Transaction, tenant: string, runId: string, stepId: string) {
  return tx
    .selectFrom('run_steps')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .where('step_id', '=', stepId);
}

/** Creates a run with its steps from an approved plan. */
export async function insertRun(
  tx: Transaction,
  run: {
    tenant: string;
    id: string;
    requestId: string;
    workflowId: string;
    plan: Plan;
    status: RunStatus;
    waitingFor: WaitingFor | null;
    /** Steps whose time had passed by then begin late; null: nobody approved yet. */
    approvedAt: Date | null;
    /** Steps that wait for an approval although the run has begun. */
    held?: readonly string[];
  },
): Promise<void> {
  const { tenant, id, plan } = run;
  await tx
    .insertInto('runs')
    .values({
      tenant_id: tenant,
      id,
      process: plan.process,
      workflow_id: run.workflowId,
      request_id: run.requestId,
      subject: plan.subject.name,
      status: run.status,
      waiting_for: run.waitingFor && json(run.waitingFor),
      plan: json(plan),
      started_at: run.status === 'running' ? sql<Date>`now()` : null,
    })
    .execute();
  const late = run.approvedAt ? lateSteps(plan, run.approvedAt) : new Set<string>();
  const steps = plan.steps.map((step, position) => ({
    tenant_id: tenant,
    run_id: id,
    step_id: step.id,
    position,
    title: step.title,
    block: step.block,
    verb: step.verb,
    system: step.system,
    status: run.held?.includes(step.id) ? 'held' : 'pending',
    due_at: step.notBefore ?? plan.startsAt,
    late: late.has(step.id),
    deadline: step.deadline ?? null,
  }));
  if (steps.length > 0) await tx.insertInto('run_steps').values(steps).execute();
}

/** Changes a step's row unless it ended. Gives whether it did. */
export async function updateStep(
  tx: Transaction,
  tenant: string,
  runId: string,
  stepId: string,
  change: StepChange,
): Promise<boolean> {
  const result = await tx
    .updateTable('run_steps')
    .set(change)
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .where('step_id', '=', stepId)
    .where('status', '<>', 'ended')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

type StepChange = Partial<{
  status: string;
  outcome: StepOutcome | null;
  reason: string | null;
  attempt: ReturnType<typeof sql<number>>;
  crashes: ReturnType<typeof sql<number>>;
  waiting_for: string | null;
  receipt: string;
  after_image: string | null;
  evidence: string | null;
  problem: string | null;
  drift: string | null;
  started_at: ReturnType<typeof sql<Date>>;
  ended_at: ReturnType<typeof sql<Date>>;
}>;

/** Changes the status of a run that has not ended. */
export async function updateRunStatus(
  tx: Transaction,
  tenant: string,
  runId: string,
  status: RunStatus,
  waitingFor: WaitingFor | null,
): Promise<boolean> {
  const result = await tx
    .updateTable('runs')
    .set({
      status,
      waiting_for: waitingFor && json(waitingFor),
      ...(status === 'running' ? { started_at: sql<Date>`coalesce(started_at, clock_timestamp())` } : {}),
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .where('status', 'in', ['queued', 'running', 'waiting'])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The newly approved plan becomes the one that the steps are compared with. */
export async function updateRunPlan(tx: Transaction, tenant: string, runId: string, plan: Plan): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ plan: json(plan) })
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .execute();
}

/** Ends a run, once. Gives whether this call ended it. */
export async function endRun(
  tx: Transaction,
  tenant: string,
  runId: string,
  status: RunStatus,
  problem: Problem | null,
): Promise<boolean> {
  const result = await tx
    .updateTable('runs')
    .set({
      status,
      waiting_for: null,
      stalled: null,
      problem: problem && json(problem),
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .where('status', 'in', ['queued', 'running', 'waiting'])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Whether two waits look the same to a person, so that a repeated try adds no line to the history. */
export function sameWait(a: unknown, b: unknown): boolean {
  const strip = (wait: unknown): unknown =>
    wait && typeof wait === 'object' ? { ...wait, since: null, attempt: null } : wait;
  return sameJson(strip(a), strip(b));
}
