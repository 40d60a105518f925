interface Waiter<Record> {
  matches: (record: Record) => boolean;
  count: number;
  done: () => void;
}

/** Records in the order of their arrival, for which one can wait. */
export class RecordLog<Record> {
  private records: Record[] = [];
  private readonly waiters = new Set<Waiter<Record>>();

  add(record: Record): void {
    this.records.push(record);
    for (const waiter of [...this.waiters]) {
      if (this.list(waiter.matches).length >= waiter.count) waiter.done();
    }
  }

  list(matches: (record: Record) => boolean = () => true): Record[] {
    return this.records.filter(matches);
  }

  clear(matches: (record: Record) => boolean = () => true): void {
    this.records = this.records.filter((record) => !matches(record));
  }

  /** The matching records as soon as there are `count`; whatever is there after `timeoutMs` or when `signal` aborts. */
  async whenSome(
    matches: (record: Record) => boolean,
    { count = 1, timeoutMs = 30_000, signal }: { count?: number; timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Record[]> {
    if (this.list(matches).length < count && timeoutMs > 0 && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const waiter: Waiter<Record> = { matches, count, done: () => finish() };
        const timer = setTimeout(() => finish(), timeoutMs);
        const finish = (): void => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        this.waiters.add(waiter);
        signal?.addEventListener('abort', finish);
      });
    }
    return this.list(matches);
  }
}
