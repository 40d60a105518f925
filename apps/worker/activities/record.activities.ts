import { sql } from 'kysely';
import { runEnded, runStarted } from '#libs/events';
import { newId } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  appendStepEnded,
  appendTimeline,
  endRun,
  insertRun,
  readRun,
  readStep,
  readSteps,
  updateRunPlan,
  updateRunStatus,
  updateStep,
  type StepRow,
} from '#libs/process';
import {
  graphOf,
  lateSteps,
  patchStep,
  resumeRunState,
  satisfiesDependants,
  withDifference,
  type Plan,
  type StepOutcome,
  type StepResult,
  type WaitingFor,
} from '#libs/process/model';
import { attachRun, closeRequest, followRun, lockRequest, readPlan, readRequest } from '#libs/requests';
import { tellTicket } from './ticket-of-run.js';
import type { RecordActivities, RunRef } from '../../../workflows/support/activities.js';
import { withdrawQuestion } from './approval-question.js';
import type { WatchActivities } from './watch.activities.js';
import { untoldActs } from './run-end.js';
import { approvalOf, decisionOn, earlierActs, firstDueAt, isUpForRun, lateLines, lockOutOf } from './run-order.js';
import { isSettled, openSteps, releaseSteps, settlement } from './settled-difference.js';

const ENGINE = 'stellwerk';

/**
 * Commits what a workflow decided. Each method is one transaction that changes nothing when repeated. Whoever touches both
 * locks the request before the run, as decisions do.
 */
export class RecordActivitiesOnDatabase implements Omit<RecordActivities, keyof WatchActivities> {
  constructor(private readonly database: Database) {}

  async beginRun(task: Parameters<RecordActivities['beginRun']>[0]): ReturnType<RecordActivities['beginRun']> {
    return this.write(task, async (tx) => {
      const request = await lockRequest(tx, task);
      if (request.run_id) return { runId: request.run_id, sharing: 'site' };
      const { plan, hash } = (await readPlan<Plan>(tx, task, task.revision))!;
      if (!isUpForRun(request, hash)) return { runId: null };
      const order = task.lockOut ? await lockOutOf(tx, task) : await approvalOf(tx, task, hash);
      if (!order) return { runId: null };
      const runId = newId();
      const running = Boolean(task.lockOut) || firstDueAt(plan) <= order.now.getTime();
      const until = new Date(firstDueAt(plan)).toISOString();
      const waitingFor: WaitingFor | null = running ? null : { kind: 'time', until };
      const run = { tenant: task.tenant, id: runId, requestId: task.requestId, workflowId: task.workflowId, plan };
      const held = task.lockOut ? plan.steps.filter((step) => !step.accessCritical).map((step) => step.id) : [];
      const status = running ? 'running' : 'queued';
      await insertRun(tx, { ...run, status, waitingFor, approvedAt: task.lockOut ? null : order.at, held });
      await attachRun(tx, task, runId);
      if (running && !task.lockOut) await followRun(tx, task, 'running');
      await appendTimeline(tx, task.tenant, runId, [
        { kind: 'requested', who: request.requested_by, data: { at: request.requested_at, requestId: task.requestId } },
        ...(await earlierActs(tx, task)),
        { ...order.line, data: { ...order.line.data, at: order.at, planHash: hash, revision: task.revision } },
        ...(task.lockOut ? [] : lateLines(plan, order.at)),
      ]);
      const told = { runId, requestId: task.requestId, process: task.process, startsAt: plan.startsAt };
      await appendEvent(tx, runStarted, this.origin({ ...task, runId }), told);
      return { runId, running, sharing: 'site' };
    });
  }

  async readPosition(run: RunRef): ReturnType<RecordActivities['readPosition']> {
    return this.write(run, async (tx) => {
      const { plan } = await readRun(tx, run.tenant, run.runId);
      // a difference that nobody decided on before the run ended has its revision too
      const { plan_revision: revision } = await readRequest(tx, run);
      const graph = graphOf(plan);
      const rows = await readSteps(tx, run.tenant, run.runId);
      const ended = rows
        .filter((row) => row.status === 'ended')
        .map((row) => [row.step_id, { outcome: row.outcome as StepOutcome, reason: row.reason }] as const);
      const written = rows.filter((row) => row.before_image && !satisfiesDependants(row.outcome as StepOutcome));
      const state = written.reduce(
        (next, row) => patchStep(next, row.step_id, { written: true }),
        resumeRunState(graph, new Map(ended)),
      );
      return { graph, state, revision, sharing: 'site' };
    });
  }

  async settleDifference(
    task: Parameters<RecordActivities['settleDifference']>[0],
  ): ReturnType<RecordActivities['settleDifference']> {
    return this.write(task, async (tx) => {
      await lockRequest(tx, task);
      const run = await readRun(tx, task.tenant, task.runId);
      if (await isSettled(tx, task)) return { graph: graphOf(run.plan) };
      const { plan, hash } = (await readPlan<Plan>(tx, task, task.revision))!;
      const decision = await decisionOn(tx, task, task.revision);
      const verdict = task.approved ? 'approve' : 'reject';
      if (decision?.decision !== verdict || decision.plan_hash !== hash) return false;
      const stepIds = await openSteps(tx, task, task.stepIds ?? []);
      // a rejected difference counts as seen: the next drift gets the next revision
      const settled = task.approved
        ? withDifference(run.plan, plan, stepIds)
        : { ...run.plan, revision: task.revision };
      await updateRunPlan(tx, task.tenant, task.runId, settled);
      const data = { revision: task.revision, planHash: hash, reason: decision.reason };
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: settlement(task.approved), who: decision.decided_by, data },
      ]);
      if (task.approved) await releaseSteps(tx, task, stepIds, lateSteps(settled, decision.effective_at!));
      return { graph: graphOf(settled) };
    });
  }

  async recordStatus({ status, waitingFor, ...run }: Parameters<RecordActivities['recordStatus']>[0]): Promise<void> {
    await this.write(run, async (tx) => {
      await lockRequest(tx, run);
      await updateRunStatus(tx, run.tenant, run.runId, status, waitingFor);
      const { started_at: startedAt } = await readRun(tx, run.tenant, run.runId);
      await followRun(tx, run, startedAt ? 'running' : 'approved');
      const until = waitingFor?.kind === 'time' ? waitingFor.until : null;
      await appendTimeline(tx, run.tenant, run.runId, [
        { kind: status === 'running' ? 'run_running' : 'run_waiting', who: ENGINE, data: { waitingFor, until } },
      ]);
    });
  }

  async recordSkipped({ steps, ...run }: Parameters<RecordActivities['recordSkipped']>[0]): Promise<void> {
    await this.write(run, async (tx) => {
      for (const { stepId, reason } of steps)
        await this.leaveOut(tx, run, await readStep(tx, run.tenant, run.runId, stepId), reason);
    });
  }

  async recordAct(task: Parameters<RecordActivities['recordAct']>[0]): Promise<void> {
    await this.write(task, async (tx) => {
      const again = await tx
        .selectFrom('run_timeline')
        .select('seq')
        .where('tenant_id', '=', task.tenant)
        .where('run_id', '=', task.runId)
        .where(sql<boolean>`data->>'eventId' = ${task.eventId}`)
        .executeTakeFirst();
      if (again) return;
      const entry = { kind: `act_${task.act}`, who: task.by, data: { eventId: task.eventId, reason: task.reason } };
      await appendTimeline(tx, task.tenant, task.runId, [task.stepId ? { ...entry, stepId: task.stepId } : entry]);
      if (task.act === 'retry' && task.stepId) await this.reopenStep(tx, task, task.stepId);
    });
  }

  async settleCancelled({
    stepIds,
    reason,
    ...run
  }: Parameters<RecordActivities['settleCancelled']>[0]): Promise<readonly StepResult[]> {
    return this.write(run, async (tx) => {
      const results: StepResult[] = [];
      for (const stepId of stepIds) {
        const step = await readStep(tx, run.tenant, run.runId, stepId);
        await this.leaveOut(tx, run, step, reason);
        const outcome = (await readStep(tx, run.tenant, run.runId, stepId)).outcome as StepOutcome;
        const written = step.before_image !== null && !satisfiesDependants(outcome);
        results.push({ stepId, kind: 'ended', outcome, ...(written ? { written } : {}) });
      }
      return results;
    });
  }

  async endRun(task: Parameters<RecordActivities['endRun']>[0]): ReturnType<RecordActivities['endRun']> {
    const { outcome, tenant, requestId, runId } = task;
    const run = { tenant, requestId, runId };
    return this.write(run, async (tx) => {
      const { status } = await lockRequest(tx, run);
      const untold = await untoldActs(tx, task);
      if (untold) return untold === 'ended' ? null : untold;
      await endRun(tx, run.tenant, run.runId, outcome, null);
      await appendTimeline(tx, run.tenant, run.runId, [{ kind: 'run_ended', who: ENGINE, data: { outcome } }]);
      await appendEvent(tx, runEnded, this.origin(run), { runId: run.runId, requestId: run.requestId, outcome });
      await closeRequest(tx, run, run.runId, outcome, null);
      await tellTicket(tx, run, outcome);
      if (status === 'awaiting_approval') await withdrawQuestion(tx, run);
      return null;
    });
  }

  /** Ends a step that is not worked on any more, unless it has ended: `unknown` where it may have written. */
  private async leaveOut(tx: Transaction, run: RunRef, step: StepRow, reason: string): Promise<void> {
    const { step_id: stepId } = step;
    const outcome: StepOutcome = step.before_image ? 'unknown' : 'skipped';
    const change = { status: 'ended', outcome, reason, waiting_for: null, ended_at: sql<Date>`clock_timestamp()` };
    if (!(await updateStep(tx, run.tenant, run.runId, stepId, change))) return;
    const { attempt } = await readStep(tx, run.tenant, run.runId, stepId);
    await appendTimeline(tx, run.tenant, run.runId, [
      { kind: 'step_ended', who: ENGINE, stepId, attempt, data: { outcome, reason } },
    ]);
    await appendStepEnded(tx, { ...run, stepId }, outcome, null, attempt);
  }

  private async reopenStep(tx: Transaction, run: RunRef, stepId: string): Promise<void> {
    await tx
      .updateTable('run_steps')
      .set({ status: 'pending', outcome: null, reason: null, problem: null, evidence: null, ended_at: null })
      .where('tenant_id', '=', run.tenant)
      .where('run_id', '=', run.runId)
      .where((row) =>
        row.or([row('step_id', '=', stepId), row('reason', '=', `depends on ${stepId}, which did not succeed`)]),
      )
      .execute();
  }

  private origin(run: RunRef) {
    return {
      tenant: run.tenant,
      aggregate: `run/${run.runId}`,
      correlationId: run.requestId,
      causationId: null,
    };
  }

  private write<T>(ref: { tenant: string }, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTenants(this.database, [ref.tenant], work);
  }
}
