import type { Pulse, StepCompensation, StepExecutor } from '#libs/process';
import type { StepResult } from '#libs/process/model';
import type { StepsTask } from '../../../workflows/support/activities.js';

/** Does steps of a run against one system. */
export class StepActivities {
  constructor(
    private readonly executor: StepExecutor,
    private readonly compensation: StepCompensation,
  ) {}

  /**
   * All at once; each commits as it ends. When one cannot go on now, the others still end, and the error sends the whole
   * call round again: what is committed is then given back without being done again.
   */
  async workSteps(task: StepsTask, pulse: Pulse): Promise<readonly StepResult[]> {
    const { tenant, runId, requestId, mode } = task;
    const work = task.stepIds.map((stepId) => {
      const step = { tenant, runId, requestId, stepId };
      return mode === 'apply' ? this.executor.execute(step, pulse) : this.compensation.compensate(step, pulse);
    });
    const settled = await Promise.allSettled(work);
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }
}
