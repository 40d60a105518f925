import { AppError } from '#libs/kernel';
import { inTenants, isDatabaseUnavailable, isUniqueViolation, type Database } from '#libs/platform/database';
import {
  CRASHES_BEFORE_GIVING_UP,
  hashPlan,
  NothingToTakeBack,
  readRun,
  readSteps,
  StepCrashed,
  type PlanDrawing,
  type Pulse,
} from '#libs/process';
import { graphOf, type Plan, type PlanRemark, type PlanStep } from '#libs/process/model';
import {
  claimSubject,
  lockRequest,
  ONLY_ONE_INDEX,
  presentPlan,
  readPlan,
  readRequest,
  refuseRequest,
  setRequestWait,
  type RequestBody,
  type StoredRequest,
} from '#libs/requests';
import {
  absenceSteps,
  moverSteps,
  OPEN_REQUEST_STATUSES,
  offboardingSteps,
  onboardingSteps,
  type OnboardingBody,
  type ReinstatementBody,
  type StepTemplate,
} from '#libs/requests/model';
import type { PlanningResult, PlanTask, RequestRef } from '../../../workflows/support/activities.js';
import { askApprovers } from './approval-question.js';
import { reinstatementDrafts } from './plan-drafts.js';
import type { PlanGuards } from './plan-guards.js';
import { timedSteps } from './step-drafts.js';
import { isTaken, userNameClaim, type UserNameChoice } from './user-name-choice.js';

/** A plan without its revision, and what only this request may have from now on. */
interface Drawn {
  readonly plan: Omit<Plan, 'revision'>;
  readonly claim: string | null;
}

/** Draws and presents the plan of a request: the first, and a later one when it was put off before its approval. */
export class PlanningActivities {
  constructor(
    private readonly database: Database,
    private readonly drawing: PlanDrawing,
    private readonly guards: PlanGuards,
    private readonly userNames: UserNameChoice,
  ) {}

  async drawPlan({ patiently, ...ref }: PlanTask, pulse: Pulse): Promise<PlanningResult> {
    const revision = ref.revision ?? 1;
    const known = await inTenants(this.database, [ref.tenant], (tx) => readPlan<Plan>(tx, ref, revision));
    if (known) return { kind: 'planned', revision, planHash: known.hash, graph: graphOf(known.plan) };
    try {
      return await this.drawAndPresent(ref, revision, pulse);
    } catch (error) {
      const refused = await this.takeError(ref, error, pulse);
      if (refused) return refused;
      if (!patiently && error instanceof AppError && error.retryable) return { kind: 'waiting' };
      throw error;
    }
  }

  /** A user name that somebody else took meanwhile is chosen anew. */
  private async drawAndPresent(ref: RequestRef, revision: number, pulse: Pulse): Promise<PlanningResult> {
    for (;;) {
      const { plan: drawn, claim } = await this.draw(ref, pulse);
      const plan: Plan = { ...drawn, revision };
      try {
        return await this.present(ref, plan, claim);
      } catch (error) {
        if (!isUniqueViolation(error, ONLY_ONE_INDEX)) throw error;
      }
    }
  }

  /** A request that was refused or called off while its plan was drawn stays so. */
  private async present(ref: RequestRef, plan: Plan, claim: string | null): Promise<PlanningResult> {
    const { revision } = plan;
    const hash = hashPlan(plan);
    const presented = await inTenants(this.database, [ref.tenant], async (tx) => {
      const { status } = await lockRequest(tx, ref);
      const known = await readPlan<Plan>(tx, ref, revision);
      if (known) return known;
      if (!(OPEN_REQUEST_STATUSES as readonly string[]).includes(status)) return null;
      if (claim !== null) await claimSubject(tx, ref, plan.subject.name, claim);
      await presentPlan(tx, ref, { revision, hash, plan, drift: null });
      await askApprovers(tx, ref, plan, hash);
      return { hash, plan };
    });
    if (!presented) return { kind: 'refused' };
    return { kind: 'planned', revision, planHash: presented.hash, graph: graphOf(presented.plan) };
  }

  /**
   * What can never be planned refuses the request; what may work later is shown as waited for and tried again (null). A
   * defect of ours is tried a few times.
   */
  private async takeError(ref: RequestRef, thrown: unknown, pulse: Pulse): Promise<PlanningResult | null> {
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
    return null;
  }

  private async draw(ref: RequestRef, pulse: Pulse): Promise<Drawn> {
    const request = await inTenants(this.database, [ref.tenant], (tx) => readRequest(tx, ref));
    const { body } = request;
    switch (body.type) {
      case 'onboarding':
        return this.drawOnboarding(ref, request, body, pulse);
      case 'offboarding':
        return { plan: await this.drawSteps(request, offboardingSteps(body), pulse), claim: null };
      case 'mover':
        return { plan: await this.drawSteps(request, moverSteps(body), pulse), claim: null };
      case 'absence':
        return { plan: await this.drawSteps(request, absenceSteps(body), pulse), claim: null };
      case 'reinstatement':
        return { plan: await this.drawReinstatement(ref, request, body, pulse), claim: null };
    }
  }

  private async drawSteps(
    request: StoredRequest,
    templates: readonly StepTemplate[],
    pulse: Pulse,
    user?: string,
  ): Promise<Omit<Plan, 'revision'>> {
    const { drafts, takingBack } = timedSteps(templates, request.body);
    const guarded = await this.guards.prepare(request, drafts, pulse);
    const steps = await this.drawing.drawSteps(request.tenant_id, request.id, guarded.drafts, pulse);
    return planOf(request.body, [...steps, ...takingBack], guarded.remarks, user);
  }

  private async drawOnboarding(
    ref: RequestRef,
    request: StoredRequest,
    body: OnboardingBody,
    pulse: Pulse,
  ): Promise<Drawn> {
    const excluded = new Set<string>();
    for (;;) {
      const user = await this.userNames.choose(ref, body, excluded, pulse);
      try {
        const plan = await this.drawSteps(request, onboardingSteps(body, user), pulse, user);
        return { plan: withNameRemark(plan, body), claim: userNameClaim(user) };
      } catch (error) {
        // its mail address belongs to somebody, or the name went between the look and the plan
        if (!isTaken(error, body, user) || body.userNames.length === 1) throw error;
        excluded.add(user);
      }
    }
  }

  private async drawReinstatement(
    ref: RequestRef,
    request: StoredRequest,
    body: ReinstatementBody,
    pulse: Pulse,
  ): Promise<Omit<Plan, 'revision'>> {
    const source = await inTenants(this.database, [ref.tenant], async (tx) => {
      const run = await readRun(tx, ref.tenant, body.runId);
      return { runId: body.runId, plan: run.plan, steps: await readSteps(tx, ref.tenant, body.runId) };
    });
    const drafts = reinstatementDrafts(source, body, (block) => this.drawing.isRenewable(block));
    if (drafts.undo.length + drafts.anew.length === 0)
      throw new NothingToTakeBack('The run wrote nothing that could be taken back.');
    const undo = await this.drawing.drawUndo(ref.tenant, ref.requestId, drafts.undo, pulse);
    const identity = source.plan.subject.identity;
    const guarded = await this.guards.prepare(request, drafts.anew, pulse);
    const anew = await this.drawing.drawSteps(ref.tenant, ref.requestId, guarded.drafts, pulse, identity);
    return planOf(body, [...undo, ...anew], [...drafts.remarks, ...guarded.remarks, ...undo.flatMap(keptRemarks)]);
  }
}

function planOf(
  body: RequestBody,
  steps: readonly PlanStep[],
  remarks: readonly PlanRemark[],
  user = body.user,
): Omit<Plan, 'revision'> {
  const identity = steps.find((step) => step.effect.identity)?.effect.identity?.id ?? null;
  return {
    process: body.type,
    subject: { kind: 'user', name: user, identity },
    startsAt: body.startsAt,
    steps,
    remarks: [...remarks, ...steps.flatMap((step) => step.effect.notes.map((note) => ({ stepId: step.id, ...note })))],
  };
}

/** Whoever approves has to see that it is not the name that was asked for. */
function withNameRemark(plan: Omit<Plan, 'revision'>, { user: wanted }: OnboardingBody): Omit<Plan, 'revision'> {
  const { name } = plan.subject;
  if (name === wanted) return plan;
  const text = `${wanted} is taken; the user name will be ${name}.`;
  return { ...plan, remarks: [{ stepId: 'create_user', code: 'onboarding.other_user_name', text }, ...plan.remarks] };
}

function keptRemarks(step: PlanStep): PlanRemark[] {
  return step.effect.kept.map((kept) => ({
    stepId: step.id,
    code: 'reinstatement.changed_since',
    text: `${kept.field} of ${kept.target} was changed since and stays as it is unless chosen.`,
  }));
}
