import { Connection, isGrpcServiceError } from '@temporalio/client';
import { eventually } from './eventually.js';
import { testStack } from './test-stack.js';

/** Here the server takes a history for long after 60 events (`limit.historyCount.suggestContinueAsNew` of the stack). */
export const SHORT_HISTORIES = 'stellwerk-short-histories';

const ALREADY_EXISTS = 6;

/** Creates the namespace where it is missing and waits until it can be worked in. */
export async function ensureShortHistories(): Promise<void> {
  const connection = await Connection.connect({ address: testStack().temporalAddress });
  const { workflowService: service } = connection;
  const retention = { workflowExecutionRetentionPeriod: { seconds: 86_400 as never } };
  await service.registerNamespace({ namespace: SHORT_HISTORIES, ...retention }).catch((error: unknown) => {
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
  });
  await eventually('the namespace answers', () =>
    service.describeTaskQueue({ namespace: SHORT_HISTORIES, taskQueue: { name: 'stellwerk-stack-check' } }),
  );
  await connection.close();
}
