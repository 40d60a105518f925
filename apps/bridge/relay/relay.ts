import { setTimeout as wait } from 'node:timers/promises';
import type { EventLogProducer } from '#libs/platform/kafka';
import type { Logger } from '#libs/platform/observability';
import type { OutboxStore } from './outbox.store.js';
import { inSendOrder } from './send-order.js';
import type { ShardLeases } from './shard-leases.js';

const LOOK_MS = 500;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Sends what the outbox holds, in order per key and at least once: a row is marked after the log has acknowledged it, so
 * a crash in between sends it again. One round after the other, over all shards that are ours.
 */
export class Relay {
  private readonly stopped = new AbortController();
  private running: Promise<void> | null = null;
  private failures = 0;
  private lastError: Error | null = null;
  private hinted = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly outbox: OutboxStore,
    private readonly leases: ShardLeases,
    private readonly producer: EventLogProducer,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something was committed: look now. */
  hint(): void {
    this.hinted = true;
    this.wake();
  }

  /** Rejects with the last failure while the relay backs off. */
  check(): Promise<void> {
    return this.lastError ? Promise.reject(this.lastError) : Promise.resolve();
  }

  /** Ends after the round under way; the leases stay with their owner. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        this.hinted = false;
        const more = await this.round();
        this.succeeded();
        if (!more) await this.untilHint(LOOK_MS);
      } catch (error) {
        await this.failed(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** Gives whether to look again at once. */
  private async round(): Promise<boolean> {
    await this.leases.settle();
    const { rows, more } = await this.outbox.scan(this.leases.mine());
    const ordered = inSendOrder(rows);
    if (ordered.length === 0) return false;
    await this.producer.send(ordered);
    await this.outbox.markSent(ordered);
    this.logger.debug({ events: ordered.length }, 'relayed');
    return more || ordered.length < rows.length;
  }

  private async untilHint(milliseconds: number): Promise<void> {
    if (this.hinted || this.stopped.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private succeeded(): void {
    if (this.failures > 0) this.logger.info({ failures: this.failures }, 'relay goes on');
    this.failures = 0;
    this.lastError = null;
  }

  private async failed(error: Error): Promise<void> {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.failures += 1;
    this.lastError = error;
    this.logger[this.failures === 1 ? 'warn' : 'debug'](
      { err: error, failures: this.failures, pause },
      'relay backs off; nothing is lost',
    );
    await wait(pause, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}
