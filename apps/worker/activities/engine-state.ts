import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { decodeMessage } from '#libs/platform/temporal';

/** What Temporal knows of a workflow. */
export type EngineState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'running'; readonly failingTask: string | null }
  | { readonly kind: 'closed'; readonly status: string };

/** From this attempt on a workflow task that fails is no passing fault (the server waits longer before each). */
const ATTEMPTS_BEFORE_STALLED = 3;
const EVENTS_LOOKED_BACK = 20;

/** Asks Temporal for one workflow by its id. Throws when Temporal cannot be asked. */
export async function askEngine(client: Client, workflowId: string): Promise<EngineState> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { status, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return { kind: 'closed', status: status.name };
    const failing = (raw.pendingWorkflowTask?.attempt ?? 0) >= ATTEMPTS_BEFORE_STALLED;
    return { kind: 'running', failingTask: failing ? await lastTaskError(client, workflowId) : null };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'unknown' };
    throw error;
  }
}

/** Why the workflow task failed last, from the end of its history. A transient failure leaves no event of its own. */
async function lastTaskError(client: Client, workflowId: string): Promise<string> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: EVENTS_LOOKED_BACK,
  });
  const failed = history?.events?.find(
    (event) => event.workflowTaskFailedEventAttributes,
  )?.workflowTaskFailedEventAttributes;
  for (const codec of client.options.loadedDataConverter.payloadCodecs) await decodeMessage(failed, codec);
  return failed?.failure?.message ?? 'the workflow task keeps failing; see the worker’s log';
}
