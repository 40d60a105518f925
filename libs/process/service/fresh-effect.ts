import type { Block, BlockContext } from '#libs/connectors';
import type { Effect, JsonObject } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import type { PlanStep } from '../model/index.js';
import { readStep, type StepRow } from '../store/run.store.js';

const NOTHING: Effect = { identity: null, changes: [], irreversible: null, notes: [], kept: [] };

/**
 * What a step would change now: its block's plan, or the undo of what the step it takes back has on record. A step that
 * wrote nothing leaves nothing to take back. Reads only; throws what the block throws.
 */
export async function freshEffect(
  database: Database,
  block: Block,
  context: BlockContext,
  step: PlanStep,
): Promise<Effect> {
  if (step.verb === 'apply') return block.plan({ ...context, approved: step.effect }, step.input);
  const { runId, stepId } = step.source!;
  const { tenant } = context;
  const ledger = await inTenants(database, [tenant], (tx) => readStep(tx, tenant, runId ?? context.runId, stepId));
  const recorded = recordedEffect(ledger);
  if (!recorded) return NOTHING;
  return block.undo(context, blockInput(step), recorded, (step.input['overwrite'] ?? []) as string[]);
}

/**
 * What a step has on record of its writing; null when it wrote nothing. The before-image of an object that the step itself
 * made names no identity, because there was none: then it is the one that was read back.
 */
export function recordedEffect(row: Pick<StepRow, 'before_image' | 'after_image'>): Effect | null {
  const after = row.after_image as Effect | null;
  return row.before_image && { ...row.before_image, identity: row.before_image.identity ?? after?.identity ?? null };
}

/** An undo step carries the input of the step it takes back under `of`. */
export function blockInput(step: PlanStep): JsonObject {
  return step.verb === 'undo' ? (step.input['of'] as JsonObject) : step.input;
}

/** Whether a step takes back what its own run did: what it will change is on record only once that was done. */
export function takesBackOwnRun(step: PlanStep): boolean {
  return step.verb === 'undo' && step.source?.runId === null;
}
