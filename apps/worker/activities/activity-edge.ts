import { activityInfo, cancellationSignal, heartbeat, ApplicationFailure } from '@temporalio/activity';
import type { Pulse } from '#libs/process';
import { AppError } from '#libs/kernel';
import { isDatabaseUnavailable } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';

const HEARTBEAT_MS = 2_000;
/** Every call that a block makes has a limit below this; each answer counts as progress. */
const STANDSTILL_MS = 60_000;

/** Something that an activity waits for has no end. Nothing is known about what was under way: it is done again. */
export class ActivityStoodStill extends AppError {
  readonly code = 'worker.stood_still';
  readonly title = 'The work waited for an answer that did not come';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/**
 * The present activity's sign of life: beats by itself, so that a block waiting for an answer is not taken for dead. What
 * ends sooner does not beat at all, because the engine writes each first beat down. Work that tells no progress for
 * `standstillMs` is cut off: its signal aborts and the call rejects with `ActivityStoodStill`; with beats alone the engine
 * would take it for alive until its longest time is over.
 */
export async function withPulse<T>(
  work: (pulse: Pulse) => Promise<T>,
  { standstillMs = STANDSTILL_MS } = {},
): Promise<T> {
  const standstill = new AbortController();
  let beatAt = performance.now();
  let progressAt = beatAt;
  const beat = (): void => {
    if (performance.now() - beatAt < HEARTBEAT_MS) return;
    beatAt = performance.now();
    heartbeat();
  };
  const progress = (): void => void (progressAt = performance.now());
  const tell = (): void => {
    progress();
    beat();
  };
  const look = (): void => {
    if (performance.now() - progressAt >= standstillMs) standstill.abort(stoodStill(standstillMs));
    else beat();
  };
  // twice as often as it is due, so that a beat is never two intervals late
  const timer = setInterval(look, Math.min(HEARTBEAT_MS, standstillMs) / 2);
  try {
    const signal = AbortSignal.any([cancellationSignal(), standstill.signal]);
    const { attempt } = activityInfo();
    return await Promise.race([work({ signal, attempt, heartbeat: tell, progress }), aborted(standstill.signal)]);
  } finally {
    clearInterval(timer);
  }
}

function stoodStill(milliseconds: number): ActivityStoodStill {
  return new ActivityStoodStill(`The work made no progress for ${milliseconds / 1000} s. It is done again.`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
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
