import { condition, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';

/** A step of the floor's graph. */
export interface FloorStep {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

export interface FloorActivities {
  work(step: { readonly runId: string; readonly stepId: string }): Promise<{ readonly outcome: 'succeeded' }>;
}

export const approveSignal = defineSignal('approve');

/** The floor of `process`: after a signal, one ordinary activity per step, each as soon as what it depends on has ended. */
export async function floorRun(steps: readonly FloorStep[]): Promise<void> {
  let approved = false;
  setHandler(approveSignal, () => void (approved = true));
  await condition(() => approved);
  const { workflowId: runId, taskQueue } = workflowInfo();
  const { work } = proxyActivities<FloorActivities>({
    taskQueue: `${taskQueue}-site-default`,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '10 seconds',
  });
  const ended = new Map<string, Promise<unknown>>();
  for (const { id, dependsOn } of steps) {
    const before = Promise.all(dependsOn.map((other) => ended.get(other)));
    ended.set(
      id,
      before.then(() => work({ runId, stepId: id })),
    );
  }
  await Promise.all(ended.values());
}
