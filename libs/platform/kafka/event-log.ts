/** One record as it lies in the log. Header values are UTF-8 text. */
export interface LogRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

export interface ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Values that are no UTF-8 arrive with U+FFFD; the decoder refuses them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Records of one partition, in order, with what a handler needs to keep its place. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ReceivedRecord[];
  /** Keeps the membership alive; call it at least every few seconds. */
  heartbeat(): Promise<void>;
  /** False once the partition was revoked or the consumer stops: give up at once, commit nothing. */
  isOurs(): boolean;
  /** Commits the place: the next record to read is `offset`. */
  commit(offset: bigint): Promise<void>;
}

export interface EventLogProducer {
  connect(): Promise<void>;
  /** Resolves when all in-sync replicas have the records; rejects with `EventLogUnavailable`. Order is kept. */
  send(records: readonly LogRecord[]): Promise<void>;
  stop(): Promise<void>;
}

export interface ConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly partitionsAtOnce: number;
  /** Called again with the same records after it rejects or leaves records uncommitted. */
  onBatch(batch: Batch): Promise<void>;
  /** The client gave up for good; the owner ends the process. */
  onCrash(error: Error): void;
}

export interface EventLogConsumer {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The log between our processes, behind a few methods so that the client library can be replaced. */
export interface EventLog {
  createProducer(): EventLogProducer;
  createConsumer(options: ConsumerOptions): EventLogConsumer;
  /** Creates missing topics. Safe to repeat. */
  ensureTopics(topics: readonly string[], partitions: number): Promise<void>;
  /** Rejects with `EventLogUnavailable` when no broker answers. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}
