import { AppError } from '#libs/kernel';

/** No broker answers, or none took the call in time. Nothing is known about what was sent: send it again. */
export class EventLogUnavailable extends AppError {
  readonly code = 'event_log.unavailable';
  readonly title = 'The event log does not answer';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The client's error as ours. The message keeps the client's words, which name the broker. */
export function eventLogUnavailable(cause: unknown): EventLogUnavailable {
  if (cause instanceof EventLogUnavailable) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EventLogUnavailable(`Kafka did not answer: ${message}`, { cause });
}

/** Rejects with `EventLogUnavailable` when `work` takes longer: the client has calls without an end of their own. */
export async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new EventLogUnavailable(`Kafka did not answer: ${what} took over ${milliseconds} ms.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
