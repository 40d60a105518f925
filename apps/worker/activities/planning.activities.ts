import { AppError } from '#libs/kernel';
import type { Database } from '#libs/platform/database';
import { inTenants, isDatabaseUnavailable } from '#libs/platform/database';
import {
  CRASHES_BEFORE_GIVING_UP,
  hashPlan,
  NothingToTakeBack,
  readRun,
  readSteps,
  type PlanDrawing,
  StepCrashed,
  type Pulse,
} from '#libs/process';
import { graphOf, type Plan, type PlanRemark, type PlanStep } from '#libs/process/model';
import { lockRequest, presentPlan, readPlan, readRequest, refuseRequest, setRequestWait } from '#libs/requests';
import type { OffboardingBody, ReinstatementBody } from '#libs/requests/model';
import type { PlanningResult, RequestRef } from '../../../workflows/support/activities.js';
import { offboardingDrafts, reinstatementDrafts } from './plan-drafts.js';
import type { PlanGuards } from './plan-guards.js';

/** Draws and presents the first plan of a request. */
export class PlanningActivities {
  constructor(
    private readonly database: Database,
    private readonly drawing: PlanDrawing,
    private readonly guards: PlanGuards,
  ) {}

  async drawPlan(ref: RequestRef, pulse: Pulse): Promise<PlanningResult> {
    const known = await inTenants(this.database, [ref.tenant], (tx) => readPlan<Plan>(tx, ref, 1));
    if (known) return { kind: 'planned', revision: 1, planHash: known.hash, graph: graphOf(known.plan) };
    try {
      const plan = await this.draw(ref, pulse);
      const planHash = hashPlan(plan);
      await inTenants(this.database, [ref.tenant], async (tx) => {
        await lockRequest(tx, ref);
        if (await readPlan(tx, ref, 1)) return;
        await presentPlan(tx, ref, { revision: 1, hash: planHash, plan, drift: null });
      });
      return { kind: 'planned', revision: 1, planHash, graph: graphOf(plan) };
    } catch (error) {
      return this.takeError(ref, error, pulse);
    }
  }

  /**
   * What can never be planned refuses the request; what may work later is shown as waited for and tried again. A defect of
   * ours is tried a few times.
   */
  private async takeError(ref: RequestRef, thrown: unknown, pulse: Pulse): Promise<PlanningResult> {
    if (pulse.signal.aborted || isDatabaseUnavailable(thrown)) throw thrown;
    const crash = (): AppError => new StepCrashed('The plan could not be drawn; the log says why.', { cause: thrown });
    const error = thrown instanceof AppError ? thrown : crash();
    const final = !error.retryable && (thrown instanceof AppError || pulse.attempt >= CRASHES_BEFORE_GIVING_UP);
    if (final) {
      await inTenants(this.database, [ref.tenant], (tx) => refuseRequest(tx, ref, error.toProblem()));
      return { kind: 'refused' };
    }
    const wait = { kind: 'system', code: error.code, detail: error.message };
    await inTenants(this.database, [ref.tenant], (tx) => setRequestWait(tx, ref, wait));
    throw thrown;
  }

  private async draw(ref: RequestRef, pulse: Pulse): Promise<Plan> {
    const request = await inTenants(this.database, [ref.tenant], (tx) => readRequest(tx, ref));
    const body = request.body as OffboardingBody | ReinstatementBody;
    if (body.type === 'offboarding') {
      const { drafts, remarks } = await this.guards.prepare(request, offboardingDrafts(body), pulse);
      const steps = await this.drawing.drawSteps(ref.tenant, ref.requestId, drafts, pulse);
      return planOf(body, steps, remarks);
    }
    return this.drawReinstatement(ref, body, pulse);
  }

  private async drawReinstatement(ref: RequestRef, body: ReinstatementBody, pulse: Pulse): Promise<Plan> {
    const source = await inTenants(this.database, [ref.tenant], async (tx) => {
      const run = await readRun(tx, ref.tenant, body.runId);
      return { runId: body.runId, plan: run.plan, steps: await readSteps(tx, ref.tenant, body.runId) };
    });
    const drafts = reinstatementDrafts(source, body.overwrite, body.passwordTo);
    if (drafts.undo.length + drafts.anew.length === 0)
      throw new NothingToTakeBack('The run wrote nothing that could be taken back.');
    const undo = await this.drawing.drawUndo(ref.tenant, ref.requestId, drafts.undo, pulse);
    const identity = source.plan.subject.identity;
    const anew = await this.drawing.drawSteps(ref.tenant, ref.requestId, drafts.anew, pulse, identity);
    return planOf(body, [...undo, ...anew], [...drafts.remarks, ...undo.flatMap(keptRemarks)]);
  }
}

function planOf(
  body: OffboardingBody | ReinstatementBody,
  steps: readonly PlanStep[],
  remarks: readonly PlanRemark[],
): Plan {
  const identity = steps.find((step) => step.effect.identity)?.effect.identity?.id ?? null;
  return {
    process: body.type,
    subject: { kind: 'user', name: body.user, identity },
    revision: 1,
    startsAt: body.startsAt,
    steps,
    remarks: [...remarks, ...steps.flatMap((step) => step.effect.notes.map((note) => ({ stepId: step.id, ...note })))],
  };
}

function keptRemarks(step: PlanStep): PlanRemark[] {
  return step.effect.kept.map((kept) => ({
    stepId: step.id,
    code: 'reinstatement.changed_since',
    text: `${kept.field} of ${kept.target} was changed since and stays as it is unless chosen.`,
  }));
}
