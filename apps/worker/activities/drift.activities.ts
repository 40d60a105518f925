import { IdentityDrift } from '#libs/connectors';
import { driftFound } from '#libs/events';
import { AppError, type Effect } from '#libs/kernel';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import {
  appendTimeline,
  freshEffect,
  hashPlan,
  readRun,
  readStep,
  takesBackOwnRun,
  updateRunStatus,
  updateStep,
  type Pulse,
  type StepSystems,
} from '#libs/process';
import {
  compareWithApproved,
  graphOf,
  type Plan,
  type PlanRemark,
  type PlanStep,
  type StepDrift,
} from '#libs/process/model';
import { lockRequest, presentPlan, readPlan } from '#libs/requests';
import type { DriftNotice, PlanTicket, RunRef } from '../../../workflows/support/activities.js';
import { askApprovers } from './approval-question.js';

type StepsOfRun = RunRef & { readonly stepIds: readonly string[] };

/** What a request is while its run goes on; it awaits approval while an earlier difference, or the rest after a lock-out, does. */
const OF_A_RUN = ['awaiting_approval', 'approved', 'running'];

/** Looks for drift and presents the difference (design, rule 7). */
export class DriftActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** Steps in which somebody else's change was found. A system that cannot be asked now is no drift: the error is thrown. */
  async lookForDrift(task: StepsOfRun, pulse: Pulse): Promise<readonly DriftNotice[]> {
    const run = await inTenants(this.database, [task.tenant], (tx) => readRun(tx, task.tenant, task.runId));
    const steps = run.plan.steps.filter((step) => task.stepIds.includes(step.id) && canDrift(step));
    const drifts = (await Promise.all(steps.map((step) => this.driftOf(task, step, pulse)))).flatMap((drift) =>
      drift ? [drift] : [],
    );
    await inTenants(this.database, [task.tenant], async (tx) => {
      for (const drift of drifts)
        await updateStep(tx, task.tenant, task.runId, drift.stepId, { status: 'held', drift: json(drift) });
      const entries = drifts.map((drift) => ({
        kind: 'step_held',
        who: 'stellwerk',
        stepId: drift.stepId,
        data: drift,
      }));
      await appendTimeline(tx, task.tenant, task.runId, entries);
    });
    return drifts.map((drift) => ({ stepId: drift.stepId, identity: drift.identity !== null }));
  }

  private async driftOf(task: RunRef, step: PlanStep, pulse: Pulse): Promise<StepDrift | null> {
    const nothing = { stepId: step.id, identity: null };
    try {
      const comparison = compareWithApproved(
        step.effect,
        await this.freshEffect(task, step, pulse, step.effect.identity?.id ?? null),
      );
      return comparison.kind === 'drifted' ? { ...nothing, fields: comparison.fields } : null;
    } catch (error) {
      if (error instanceof IdentityDrift) {
        const found = (error.context?.['found'] ?? null) as string | null;
        return { stepId: step.id, identity: { approved: step.effect.identity?.id ?? '', found }, fields: [] };
      }
      // what cannot be planned now is found again, and ends the step, when its turn comes
      if (error instanceof AppError && !error.retryable) return null;
      throw error;
    }
  }

  private async freshEffect(
    task: RunRef,
    step: PlanStep,
    pulse: Pulse,
    expectedIdentity: string | null,
  ): Promise<Effect> {
    const block = this.systems.block(step.block);
    const context = await this.systems.context(
      {
        tenant: task.tenant,
        runId: task.runId,
        stepId: step.id,
        system: step.system,
        expectedIdentity,
        takesBack: step.source,
      },
      pulse,
    );
    return freshEffect(this.database, block, context, step);
  }

  /**
   * Draws the held steps anew and presents the result as the revision after the last that the workflow knows; an approval
   * binds to its hash. A difference that still waits is replaced: it was drawn for fewer steps.
   */
  async drawDifference(
    task: StepsOfRun & { readonly after?: number },
    pulse: Pulse,
  ): Promise<({ kind: 'planned' } & PlanTicket) | { kind: 'gone' }> {
    const run = await inTenants(this.database, [task.tenant], (tx) => readRun(tx, task.tenant, task.runId));
    const revision = (task.after ?? run.plan.revision) + 1;
    const known = await inTenants(this.database, [task.tenant], (tx) => readPlan<Plan>(tx, task, revision));
    if (known) return { kind: 'planned', revision, planHash: known.hash, graph: graphOf(known.plan) };
    const redrawn = await this.redraw(task, run.plan, pulse);
    if (!redrawn) return this.reportGone(task);
    const plan: Plan = { ...redrawn, revision };
    const planHash = hashPlan(plan);
    await this.present(task, plan, planHash);
    return { kind: 'planned', revision, planHash, graph: graphOf(plan) };
  }

  /** The plan with the held steps as they would be now; null when their object no longer exists. */
  private async redraw(task: StepsOfRun, plan: Plan, pulse: Pulse): Promise<Plan | null> {
    try {
      const steps = await Promise.all(
        plan.steps.map(async (step) =>
          task.stepIds.includes(step.id) && canDrift(step)
            ? { ...step, effect: await this.freshEffect(task, step, pulse, null) }
            : step,
        ),
      );
      const identity = steps.find((step) => task.stepIds.includes(step.id) && step.effect.identity)?.effect.identity
        ?.id;
      const subject = { ...plan.subject, identity: identity ?? plan.subject.identity };
      const redrawn = steps.filter((step) => task.stepIds.includes(step.id));
      return { ...plan, steps, subject, remarks: withNotes(plan.remarks, redrawn) };
    } catch (error) {
      if (error instanceof AppError && !error.retryable) return null;
      throw error;
    }
  }

  private async present(task: StepsOfRun, plan: Plan, hash: string): Promise<void> {
    await inTenants(this.database, [task.tenant], async (tx) => {
      const { status } = await lockRequest(tx, task);
      // the run may have been ended while this was drawn
      if (!OF_A_RUN.includes(status) || (await readPlan(tx, task, plan.revision))) return;
      const drifts = await storedDrifts(tx, task);
      const identity = drifts.some((drift) => drift.identity !== null);
      await presentPlan(tx, task, { revision: plan.revision, hash, plan, drift: drifts });
      await askApprovers(tx, task, plan, hash);
      await updateRunStatus(tx, task.tenant, task.runId, 'waiting', {
        kind: 'approval',
        steps: task.stepIds,
        identity,
      });
      await appendTimeline(tx, task.tenant, task.runId, [
        {
          kind: 'difference_presented',
          who: 'stellwerk',
          data: { revision: plan.revision, planHash: hash, steps: task.stepIds, identity },
        },
      ]);
      await this.tellDrift(tx, task, identity);
    });
  }

  private async tellDrift(tx: Transaction, task: StepsOfRun, alarm: boolean): Promise<void> {
    const origin = {
      tenant: task.tenant,
      aggregate: `run/${task.runId}`,
      correlationId: task.requestId,
      causationId: null,
    };
    await appendEvent(tx, driftFound, origin, {
      runId: task.runId,
      requestId: task.requestId,
      steps: [...task.stepIds],
      alarm,
    });
  }

  private async reportGone(task: StepsOfRun): Promise<{ kind: 'gone' }> {
    await inTenants(this.database, [task.tenant], async (tx) => {
      await appendTimeline(tx, task.tenant, task.runId, [
        { kind: 'object_gone', who: 'stellwerk', data: { steps: task.stepIds } },
      ]);
      await this.tellDrift(tx, task, true);
    });
    return { kind: 'gone' };
  }
}

/** What a person does, and what takes back what the run has yet to do, has nothing to compare with. */
function canDrift(step: PlanStep): boolean {
  return !step.manual && !takesBackOwnRun(step);
}

/** The plan's remarks with those that came up when steps were drawn anew: somebody may have become an administrator. */
function withNotes(remarks: readonly PlanRemark[], steps: readonly PlanStep[]): readonly PlanRemark[] {
  const found = steps.flatMap((step) => step.effect.notes.map((note) => ({ stepId: step.id, ...note })));
  const isKnown = (note: PlanRemark): boolean =>
    remarks.some((remark) => remark.stepId === note.stepId && remark.code === note.code && remark.text === note.text);
  return [...remarks, ...found.filter((note) => !isKnown(note))];
}

async function storedDrifts(tx: Transaction, task: StepsOfRun): Promise<StepDrift[]> {
  const drifts: StepDrift[] = [];
  for (const stepId of task.stepIds) {
    const { drift } = await readStep(tx, task.tenant, task.runId, stepId);
    if (drift) drifts.push(drift);
  }
  return drifts;
}
