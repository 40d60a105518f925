interface Delayed {
  dueAt: number;
  action: () => void;
}

/** Runs actions in the order in which they came, each after its delay at the earliest. */
export class DelayedQueue {
  private readonly queue: Delayed[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** Runs `action` at once when nothing is ahead of it and it has no delay. */
  add(action: () => void, delayMs: number): void {
    this.queue.push({ dueAt: performance.now() + delayMs, action });
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
      const wait = next.dueAt - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.runDue(), Math.ceil(wait));
        return;
      }
      this.queue.shift();
      next.action();
    }
  }
}
