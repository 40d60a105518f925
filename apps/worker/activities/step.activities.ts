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
   * All at once; each commits as it ends. When one has to wait while another ended, the call returns early, so that what
   * depends on the ended one goes on; when all of them wait, the error sends the whole call round again after a pause.
   */
  async workSteps(task: StepsTask, pulse: Pulse): Promise<readonly StepResult[]> {
    const { tenant, runId, requestId, mode } = task;
    const settled = await Promise.allSettled(
      task.stepIds.map((stepId) => {
        const step = { tenant, runId, requestId, stepId };
        return mode === 'apply' ? this.executor.execute(step, pulse) : this.compensation.compensate(step, pulse);
      }),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    const nothingEnded = settled.every((result) => result.status === 'rejected');
    if (failed && (nothingEnded || pulse.signal.aborted || mode === 'compensate')) throw failed.reason;
    return settled.map((result, index) =>
      result.status === 'fulfilled' ? result.value : { stepId: task.stepIds[index]!, kind: 'not_started' },
    );
  }
}
