import { setTimeout as wait } from 'node:timers/promises';
import type { Batch } from '#libs/platform/kafka';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * How long a batch may wait for a server that is away. While it waits, the client reads no other partition, so the batch
 * is given back after a while and comes again from the log: that is the waiting place, and nothing is kept here.
 */
export class Patience {
  private until: number | null = null;

  constructor(
    private readonly batch: Batch,
    private readonly milliseconds: number,
  ) {}

  /** Something went well, so that the time starts anew. */
  refresh(): void {
    this.until = null;
  }

  /** Waits before the next try, longer each time. False when it is over: the place is no longer ours, or it took too long. */
  async lasts(failures: number): Promise<boolean> {
    this.until ??= performance.now() + this.milliseconds;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    if (!this.mayGoOn() || performance.now() + pause > this.until) return false;
    await wait(pause);
    return this.mayGoOn();
  }

  private mayGoOn(): boolean {
    return this.batch.isOurs() && !this.batch.isStopping();
  }
}
