import { activityInfo, cancellationSignal, heartbeat, ApplicationFailure } from '@temporalio/activity';
import type { Pulse } from '#libs/process';
import { AppError } from '#libs/kernel';
import { isDatabaseUnavailable } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';

const HEARTBEAT_MS = 2_000;

/**
 * The present activity's sign of life: beats by itself, so that a block waiting for an answer is not taken for dead. What
 * ends sooner does not beat at all, because the engine writes each first beat down.
 */
export async function withPulse<T>(work: (pulse: Pulse) => Promise<T>): Promise<T> {
  let beatAt = performance.now();
  const beat = (): void => {
    if (performance.now() - beatAt < HEARTBEAT_MS) return;
    beatAt = performance.now();
    heartbeat();
  };
  // twice as often as it is due, so that a beat is never two intervals late
  const timer = setInterval(beat, HEARTBEAT_MS / 2);
  try {
    return await work({ signal: cancellationSignal(), attempt: activityInfo().attempt, heartbeat: beat });
  } finally {
    clearInterval(timer);
  }
}

const TRIES_OF_A_DEFECT = 12;

/** Whether an error goes away by itself. */
function mayPass(error: unknown): boolean {
  return isDatabaseUnavailable(error) || (error instanceof AppError && error.retryable);
}

type Activity = (...args: never[]) => Promise<unknown>;

/**
 * Translates errors once for every activity: the engine sees the stable code and no message, because messages may name
 * people. What waits for a system is retried for ever; what cannot succeed is a result, not an error; a defect of ours is
 * tried a number of times, then it fails the workflow, which the reconciler tells as lost. The log gets the details.
 */
export function atActivityEdge<Activities extends object>(activities: Activities, logger: Logger): Activities {
  const wrapped = Object.entries(activities).map(([name, activity]) => {
    const guarded = async (...args: never[]): Promise<unknown> => {
      try {
        return await (activity as Activity)(...args);
      } catch (error) {
        if (cancellationSignal().aborted) throw error;
        const code = error instanceof AppError ? error.code : 'internal';
        logger.warn(
          {
            err: error,
            activity: name,
            attempt: activityInfo().attempt,
            workflowId: activityInfo().workflowExecution?.workflowId,
          },
          'activity failed',
        );
        const nonRetryable = !mayPass(error) && activityInfo().attempt >= TRIES_OF_A_DEFECT;
        throw ApplicationFailure.create({ type: code, message: code, nonRetryable });
      }
    };
    return [name, guarded];
  });
  return Object.fromEntries(wrapped) as Activities;
}
