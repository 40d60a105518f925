import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { WebhookInput } from '../messages.js';
import type { WebhookActivities } from '../support/activities.js';

/** On a queue of their own: receivers that are slow keep nobody's run from going on. */
function webhookActivities(): WebhookActivities {
  return proxyActivities<WebhookActivities>({
    taskQueue: `${workflowInfo().taskQueue}-webhooks`,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  });
}

/** One message to one receiver: tried until it is taken, its tries are used up, or nothing is to be sent any more. */
export async function webhook({ tenant, deliveryId, attempt = 1 }: WebhookInput): Promise<void> {
  for (let next = attempt; ;) {
    const step = await webhookActivities().deliverWebhook({ tenant, deliveryId, attempt: next });
    if (step.kind === 'ended') return;
    if (step.counts) next += 1;
    await sleep(Math.max(1, Math.round(step.inSeconds * 1000)));
    // a receiver that is busy for long is asked many times
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof webhook>({ tenant, deliveryId, attempt: next });
  }
}
