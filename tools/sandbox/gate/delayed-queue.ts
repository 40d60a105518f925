interface Delayed {
  arrivedAt: number;
  delayMs: () => number;
  action: () => void;
}

/** A delay that was shortened meanwhile is noticed this soon. */
const LOOK_AGAIN_MS = 100;

/** Runs actions in the order in which they came, each after its delay at the earliest: the delay as it is then. */
export class DelayedQueue {
  private readonly queue: Delayed[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** Runs `action` at once when nothing is ahead of it and it has no delay. */
  add(action: () => void, delayMs: () => number): void {
    this.queue.push({ arrivedAt: performance.now(), delayMs, action });
    if (this.timer === undefined) this.runDue();
  }

  /** Forgets what has not run. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.queue.length = 0;
  }

  private runDue(): void {
    this.timer = undefined;
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      const wait = next.arrivedAt + next.delayMs() - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.runDue(), Math.min(Math.ceil(wait), LOOK_AGAIN_MS));
        return;
      }
      this.queue.shift();
      next.action();
    }
  }
}
