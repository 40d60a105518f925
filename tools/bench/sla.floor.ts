import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type InjectedSinks } from '@temporalio/worker';
import { loadConfig } from '#libs/platform/config';
import { answerParent } from './parent.js';
import type { FloorSinks } from './sla-floor.workflow.js';

const AT_ONCE = 20;
const LONG_MS = 3_600_000;

/** What the floor of `sla` is asked: to have these workflows sleep; it answers when all do. */
export interface SleepTask {
  readonly ids: readonly string[];
}

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const { temporal } = loadConfig();
const { namespace, taskQueue } = temporal;
const client = new Client({ connection: await Connection.connect({ address: temporal.address }), namespace });
const connection = await NativeConnection.connect({ address: temporal.address });
let begun = 0;
const sinks: InjectedSinks<FloorSinks> = {
  floor: { begun: { fn: () => void (begun += 1), callDuringReplay: false } },
};
const workflowsPath = fileURLToPath(new URL('./sla-floor.workflow.js', import.meta.url));
const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath, sinks });
void worker.run();

answerParent(async ({ ids }: SleepTask) => {
  const before = begun;
  for (let i = 0; i < ids.length; i += AT_ONCE)
    await Promise.all(
      ids
        .slice(i, i + AT_ONCE)
        .map((workflowId) => client.workflow.start('sleeper', { workflowId, taskQueue, args: [LONG_MS] })),
    );
  while (begun - before < ids.length) await pause(50);
  return { asleep: ids.length };
});
