import { TestWorkflowEnvironment } from '@temporalio/testing';
import { testStack } from './test-stack.js';

const TRIES = 3;

/** Starts the time-skipping Temporal server. The client gives it five seconds, which a busy machine may not: so again. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: testStack().timeSkippingServer } as const;
  for (let attempt = 1; ; attempt++) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}
