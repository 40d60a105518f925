import { classifyTemporalError, type TemporalClient } from '#libs/platform/temporal';
import { RECONCILER, type ReconcileInput } from '#workflows';

/**
 * Makes sure that the workflow which compares our open requests with Temporal runs. One per task queue: an installation
 * has one, and tests do not share theirs.
 */
export async function ensureReconciler(
  temporal: TemporalClient,
  taskQueue: string,
  everySeconds: number,
): Promise<void> {
  const input: ReconcileInput = { everySeconds };
  try {
    await temporal.client.workflow.start(RECONCILER.workflowType, {
      workflowId: `${RECONCILER.workflowId}/${taskQueue}`,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (classifyTemporalError(error) !== 'already_started') throw error;
  }
}
