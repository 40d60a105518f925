import { createHash } from 'node:crypto';
import type { Block } from '#libs/connectors';
import { validateInput } from '#libs/connectors';
import type { Effect, JsonObject } from '#libs/kernel';
import { approvedText, type ManualTask, type Plan, type PlanStep, type StepSource } from '../model/index.js';
import type { Pulse, StepSystems } from './step-systems.js';

/** A step before it is planned against its system. */
export interface StepDraft {
  readonly id: string;
  readonly title: string;
  readonly block: string;
  readonly system: string;
  readonly dependsOn: readonly string[];
  readonly accessCritical: boolean;
  readonly runsAfterFailure: boolean;
  readonly notBefore: string | null;
  /** By when it has to be proven done (UTC). */
  readonly deadline?: string | null;
  /** Set where a person does it. */
  readonly manual?: ManualTask | null;
  readonly input: JsonObject;
}

/** A step that takes back another run's step, from its recorded before-image. */
export interface UndoDraft extends Omit<StepDraft, 'input'> {
  readonly source: StepSource;
  readonly of: JsonObject;
  readonly recorded: Effect;
  readonly overwrite: readonly string[];
}

/** Reads the systems and says what each step would change. Writes nothing. */
export class PlanDrawing {
  constructor(private readonly systems: StepSystems) {}

  /** Whether a reinstatement does a block's step anew, because what it did cannot be brought back. Throws `BlockUnknown`. */
  isRenewable(block: string): boolean {
    return this.systems.block(block).renewable ?? false;
  }

  /** Plans steps side by side. `owner` is the request or run; errors of a system are thrown as they are. */
  async drawSteps(
    tenant: string,
    owner: string,
    drafts: readonly StepDraft[],
    pulse: Pulse,
    expectedIdentity: string | null = null,
  ): Promise<PlanStep[]> {
    return Promise.all(drafts.map((draft) => this.drawStep(tenant, owner, draft, pulse, expectedIdentity)));
  }

  private async drawStep(
    tenant: string,
    owner: string,
    draft: StepDraft,
    pulse: Pulse,
    expectedIdentity: string | null,
  ): Promise<PlanStep> {
    const block = this.systems.block(draft.block);
    validateInput(block, draft.input);
    const place = { tenant, runId: owner, stepId: draft.id, system: draft.system, expectedIdentity };
    const effect = await block.plan(await this.systems.context(place, pulse), draft.input);
    return { ...draft, verb: 'apply', effect, source: null, undoable: effect.irreversible === null };
  }

  async drawUndo(tenant: string, owner: string, drafts: readonly UndoDraft[], pulse: Pulse): Promise<PlanStep[]> {
    return Promise.all(drafts.map((draft) => this.drawUndoStep(tenant, owner, draft, pulse)));
  }

  private async drawUndoStep(tenant: string, owner: string, draft: UndoDraft, pulse: Pulse): Promise<PlanStep> {
    const { of, recorded, overwrite, ...rest } = draft;
    const block: Block = this.systems.block(draft.block);
    const place = {
      tenant,
      runId: owner,
      stepId: draft.id,
      system: draft.system,
      expectedIdentity: recorded.identity?.id ?? null,
      takesBack: draft.source,
    };
    const effect = await block.undo(await this.systems.context(place, pulse), of, recorded, overwrite);
    return { ...rest, verb: 'undo', input: { of, overwrite }, effect, undoable: false };
  }
}

/** SHA-256, hex, of what an approval binds to. */
export function hashPlan(plan: Plan): string {
  return createHash('sha256').update(approvedText(plan)).digest('hex');
}
