import type { Block, BlockContext } from '#libs/connectors';
import type { Effect, JsonObject } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import type { PlanStep } from '../model/index.js';
import { readStep } from '../store/run.store.js';

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
  if (step.verb === 'apply') return block.plan(context, step.input);
  const { runId, stepId } = step.source!;
  const { tenant } = context;
  const ledger = await inTenants(database, [tenant], (tx) => readStep(tx, tenant, runId ?? context.runId, stepId));
  if (!ledger.before_image) return NOTHING;
  return block.undo(context, blockInput(step), ledger.before_image, (step.input['overwrite'] ?? []) as string[]);
}

/** An undo step carries the input of the step it takes back under `of`. */
export function blockInput(step: PlanStep): JsonObject {
  return step.verb === 'undo' ? (step.input['of'] as JsonObject) : step.input;
}

/** Whether a step takes back what its own run did: what it will change is on record only once that was done. */
export function takesBackOwnRun(step: PlanStep): boolean {
  return step.verb === 'undo' && step.source?.runId === null;
}
