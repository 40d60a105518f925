import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { loadConfig } from '#libs/platform/config';
import { approveSignal, type FloorActivities, type FloorStep } from './floor.workflow.js';
import { answerParent } from './parent.js';

/** What the floor of `process` is asked: to start runs, or to approve them and wait for their ends. */
export type FloorTask =
  | { readonly does: 'start'; readonly runIds: readonly string[]; readonly steps: readonly FloorStep[] }
  | { readonly does: 'run'; readonly runIds: readonly string[]; readonly atOnce: number };

/** The floor of `process`: the same two workers as ours with ordinary activities that do nothing but count. */
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const { temporal } = loadConfig();
const { namespace, taskQueue } = temporal;
const client = new Client({ connection: await Connection.connect({ address: temporal.address }), namespace });
const connection = await NativeConnection.connect({ address: temporal.address });

let worked = 0;
const activities: FloorActivities = {
  work: () => {
    worked += 1;
    return Promise.resolve({ outcome: 'succeeded' });
  },
};
const workflowsPath = fileURLToPath(new URL('./floor.workflow.js', import.meta.url));
const common = { connection, namespace, stickyQueueScheduleToStartTimeout: '3 seconds' } as const;
const workers = await Promise.all([
  Worker.create({ ...common, taskQueue, workflowsPath }),
  Worker.create({ ...common, taskQueue: `${taskQueue}-site-default`, activities: { ...activities } }),
]);
for (const worker of workers) void worker.run();

answerParent(async (task: FloorTask) => (task.does === 'start' ? start(task) : run(task)));

async function start({ runIds, steps }: Extract<FloorTask, { does: 'start' }>): Promise<{ started: number }> {
  await eachOf(runIds, 40, (workflowId) => client.workflow.start('floorRun', { workflowId, taskQueue, args: [steps] }));
  return { started: runIds.length };
}

async function run({ runIds, atOnce }: Extract<FloorTask, { does: 'run' }>) {
  const before = worked;
  const begun = performance.now();
  await eachOf(runIds, atOnce, async (workflowId) => {
    const handle = client.workflow.getHandle(workflowId);
    await handle.signal(approveSignal);
    await handle.result();
  });
  return { seconds: (performance.now() - begun) / 1000, activities: worked - before };
}

async function eachOf(ids: readonly string[], atOnce: number, work: (id: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  const workOnes = async (): Promise<void> => {
    for (let index = next++; index < ids.length; index = next++) await work(ids[index]!);
  };
  await Promise.all(Array.from({ length: atOnce }, workOnes));
}
