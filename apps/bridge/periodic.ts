import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '#libs/platform/observability';

export interface PeriodicOptions {
  readonly name: string;
  readonly everyMs: number;
  /** The pause after a failure, when it should be shorter. */
  readonly retryMs?: number;
  readonly logger: Logger;
  work(): Promise<void>;
}

/** Technical work that repeats: at once, then with a pause between an end and the next start. A failure is logged once. */
export class Periodic {
  /** Resolves after the first time that the work succeeded. */
  readonly succeeded: Promise<void>;
  private readonly stopped = new AbortController();
  private running: Promise<void> | null = null;
  private hasSucceeded: () => void = () => undefined;
  private failing = false;

  constructor(private readonly options: PeriodicOptions) {
    this.succeeded = new Promise((resolve) => (this.hasSucceeded = resolve));
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the work under way has ended. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { everyMs, retryMs = everyMs } = this.options;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const worked = await this.once();
      await wait(worked ? everyMs : retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async once(): Promise<boolean> {
    const { name, logger } = this.options;
    try {
      await this.options.work();
      if (this.failing) logger.info({ work: name }, 'works again');
      this.failing = false;
      this.hasSucceeded();
      return true;
    } catch (error) {
      logger[this.failing ? 'debug' : 'warn']({ err: error, work: name }, 'failed; it is tried again');
      this.failing = true;
      return false;
    }
  }
}
