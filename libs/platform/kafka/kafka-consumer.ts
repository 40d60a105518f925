import { setTimeout as wait } from 'node:timers/promises';
import type { ConsumerOptions, EventLogConsumer } from './event-log.js';
import type { KafkaClient } from './kafka-client.js';
import { KafkaSession } from './kafka-session.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const STEADY_MS = 60_000;

/** Keeps a membership in a group: after a crash that a new try can mend, a new session follows, with growing pauses. */
export class KafkaConsumer implements EventLogConsumer {
  private session: KafkaSession | null = null;
  private readonly stopped = new AbortController();
  private running: Promise<void> | null = null;

  constructor(
    private readonly client: KafkaClient,
    private readonly options: ConsumerOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  isJoined(): boolean {
    return this.session?.joined ?? false;
  }

  holds(topic: string, partition: number): boolean {
    return this.session?.holds(topic, partition) ?? false;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.stopped.signal.aborted) {
      const begun = performance.now();
      const failure = await this.consumeUntilFailure();
      if (this.stopped.signal.aborted) return;
      if (!isMendable(failure)) {
        this.options.onCrash(failure);
        return;
      }
      if (performance.now() - begun > STEADY_MS) pause = FIRST_PAUSE_MS;
      this.client.logger.warn(
        { error: failure.message, group: this.options.group, pause },
        'the consumer lost its group; it joins again',
      );
      await wait(pause, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  private async consumeUntilFailure(): Promise<Error> {
    const session = new KafkaSession(this.client, this.options);
    this.session = session;
    try {
      const crashed = session.open().then(() => session.crashed);
      return await Promise.race([crashed, untilAborted(this.stopped.signal)]);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      await session.close();
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<Error> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(new Error('stopped'));
    else signal.addEventListener('abort', () => resolve(new Error('stopped')), { once: true });
  });
}

const HOPELESS = new Set([
  'KafkaJSNotImplemented',
  'KafkaJSUnsupportedMagicByteInMessageSet',
  'KafkaJSSASLAuthenticationError',
]);
const HOPELESS_TYPES = /AUTHORIZATION_FAILED|UNSUPPORTED_VERSION|INVALID_GROUP_ID/;

/** Whether a new session may succeed. A server that is down, restarts or has lost a topic comes back; a refusal does not. */
function isMendable(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const type = String((cause as { type?: unknown }).type ?? '');
    if (HOPELESS.has(cause.name) || HOPELESS_TYPES.test(type)) return false;
  }
  return true;
}
