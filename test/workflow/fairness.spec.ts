import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { workflowIdOf, turnOf, TURN } from '#workflows';
import { eventually } from '../support/eventually.js';
import { testStack } from '../support/test-stack.js';

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });

const bundle = { codePath: join(process.cwd(), 'dist', 'workflows', 'bundle.js') };
const { temporalAddress: address, temporalNamespace: namespace } = testStack();

let connection: Connection;
let native: NativeConnection;
let client: Client;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await native?.close();
  await connection?.close();
});

/** Starts off-boardings that only ask for their plan, as the bridge does. */
async function start(taskQueue: string, tenant: string, count: number): Promise<void> {
  const starts = Array.from({ length: count }, () => {
    const requestId = randomUUID();
    const input = { tenant, requestId, eventId: randomUUID() };
    const workflowId = workflowIdOf(tenant, 'offboarding', requestId);
    return client.workflow.start('offboarding', { workflowId, taskQueue, args: [input], priority: turnOf(tenant) });
  });
  await Promise.all(starts);
}

/** How many tasks wait on a queue. */
async function backlog(name: string, type: 'ACTIVITY' | 'WORKFLOW'): Promise<number> {
  const { stats } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: type === 'ACTIVITY' ? 2 : 1,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}

describe('a flood of one tenant', () => {
  it('does not delay another tenant’s plans: they are drawn in turn', async () => {
    const taskQueue = `fairness-${randomUUID()}`;
    const site = `${taskQueue}-site-default`;
    const order: string[] = [];
    await start(taskQueue, 'flooding', 60);
    await start(taskQueue, 'quiet', 3);
    const workflows = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle: bundle });
    const running = [workflows.run()];
    await eventually('all plans wait', async () => (await backlog(site, 'ACTIVITY')) >= 63);
    const activities = await Worker.create({
      connection: native,
      namespace,
      taskQueue: site,
      maxConcurrentActivityTaskExecutions: 1,
      activities: {
        drawPlan: ({ tenant }: { tenant: string }) => {
          order.push(tenant);
          throw ApplicationFailure.nonRetryable('this is as far as it goes');
        },
      },
    });
    running.push(activities.run());
    await eventually('all plans were asked for', () => Promise.resolve(order.length >= 63));
    workflows.shutdown();
    activities.shutdown();
    await Promise.all(running);
    // in the order of their coming they would be the last three
    expect(order.lastIndexOf('quiet')).toBeLessThan(20);
  });
});

describe('the turn of a task', () => {
  it('puts locking a leaver out before everything, plans of a file of requests behind', () => {
    expect(TURN.accessCritical).toBeLessThan(TURN.usual);
    expect(TURN.usual).toBeLessThan(TURN.bulk);
    expect(turnOf('muster')).toEqual({ fairnessKey: 'muster', priorityKey: TURN.usual });
  });
});
