import { Client, Connection } from '@temporalio/client';
import { loadConfig } from '#libs/platform/config';
import { answerParent } from './parent.js';

/** What the floor of `dispatch` is asked to start. */
export interface StartTask {
  readonly workflowIds: readonly string[];
  readonly workflowType: string;
  readonly inputs: readonly unknown[];
  readonly atOnce: number;
}

/** The floor of `dispatch`: a bare loop of `client.workflow.start`. */
const { temporal } = loadConfig();
const connection = await Connection.connect({ address: temporal.address });
const client = new Client({ connection, namespace: temporal.namespace });

answerParent(async ({ workflowIds, workflowType, inputs, atOnce }: StartTask) => {
  const begun = performance.now();
  let next = 0;
  const startOnes = async (): Promise<void> => {
    for (let index = next++; index < workflowIds.length; index = next++) {
      const workflowId = workflowIds[index]!;
      await client.workflow.start(workflowType, { workflowId, taskQueue: temporal.taskQueue, args: [inputs[index]] });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, startOnes));
  return { seconds: (performance.now() - begun) / 1000 };
});
