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
  /** The bytes of header values that are no UTF-8, for the dead-letter desk. */
  readonly undecodable: Readonly<Record<string, Buffer>>;
}

/** Records of one partition, in order, with what a handler needs to keep its place. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ReceivedRecord[];
  /** Keeps the membership alive; call it at least every few seconds. */
  heartbeat(): Promise<void>;
  /** False once the partition was revoked or the membership was lost: give up at once, commit nothing. */
  isOurs(): boolean;
  /** True once the consumer stops: finish what is under way, commit it, take no more. */
  isStopping(): boolean;
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
  /** Where a group without a committed place begins; `beginning` when left out. */
  readonly startAt?: 'beginning' | 'end';
  /** Called again with the same records after it rejects or leaves records uncommitted. */
  onBatch(batch: Batch): Promise<void>;
  /** The client gave up for good; the owner ends the process. */
  onCrash(error: Error): void;
}

export interface EventLogConsumer {
  /** Begins and keeps at it, also while no broker answers: it joins by itself once one does. */
  start(): void;
  /** Whether it is a member of its group now. */
  isJoined(): boolean;
  /** Whether it holds a partition now. */
  holds(topic: string, partition: number): boolean;
  /** Resolves when the batches under way have ended and the group was left. */
  stop(): Promise<void>;
}

/** How far a group has come in one partition. */
export interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
  /** The next record the group reads. */
  readonly next: bigint;
  /** The offset after the last record. */
  readonly end: bigint;
}

/** The log between our processes, behind a few methods so that the client library can be replaced. */
export interface EventLog {
  createProducer(): EventLogProducer;
  createConsumer(options: ConsumerOptions): EventLogConsumer;
  /** Creates missing topics. Safe to repeat. Of those that are `lasting`, the last record of each key is kept for good. */
  ensureTopics(topics: readonly string[], partitions: number, lasting?: readonly string[]): Promise<void>;
  /** Where a group stands in each partition of these topics. Rejects with `EventLogUnavailable`. */
  places(group: string, topics: readonly string[]): Promise<readonly PartitionPlace[]>;
  /** Rejects with `EventLogUnavailable` when no broker answers. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}
