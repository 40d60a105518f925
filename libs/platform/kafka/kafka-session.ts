import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { ConsumerOptions } from './event-log.js';
import { within } from './event-log-errors.js';
import { KafkaBatch } from './kafka-batch.js';
import { LONG_RETRIES, type KafkaClient } from './kafka-client.js';

// A dead member's partitions are free after the session's time; more would make every hard restart slower.
const SESSION_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const LONGEST_POLL_MS = 500;
const DRAIN_LIMIT_MS = 15_000;
const LEAVE_LIMIT_MS = 4_000;
const AFTER_REJECTION_MS = 1_000;

/** One membership in a group, from joining to its crash or end. It is not restarted: the next one is a new client. */
export class KafkaSession {
  closed = false;
  stopping = false;
  joined = false;
  /** Resolves with the reason when the client crashed. */
  readonly crashed: Promise<Error>;
  private readonly consumer: Consumer;
  private readonly underWay = new Set<Promise<void>>();
  private assignment: Readonly<Record<string, readonly number[]>> = {};

  constructor(
    private readonly client: KafkaClient,
    private readonly options: ConsumerOptions,
  ) {
    this.consumer = client.patient.consumer({
      groupId: client.prefix + options.group,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: LONGEST_POLL_MS,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      // a crashed client is thrown away: its own restart keeps state that went wrong
      retry: { ...LONG_RETRIES, restartOnFailure: () => Promise.resolve(false) },
    });
    this.crashed = new Promise((resolve) => {
      this.consumer.on('consumer.crash', ({ payload }) => {
        this.joined = false;
        resolve(payload.error);
      });
    });
    this.consumer.on('consumer.rebalancing', () => (this.joined = false));
    this.consumer.on('consumer.group_join', ({ payload }) => {
      this.assignment = payload.memberAssignment;
      this.joined = true;
      client.logger.info({ group: payload.groupId, assignment: payload.memberAssignment }, 'joined the consumer group');
    });
  }

  async open(): Promise<void> {
    await this.consumer.connect();
    const topics = this.options.topics.map((topic) => this.client.prefix + topic);
    await this.consumer.subscribe({ topics, fromBeginning: this.options.startAt !== 'end' });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.partitionsAtOnce,
      eachBatch: (payload) => this.counted(this.take(payload)),
    });
  }

  holds(topic: string, partition: number): boolean {
    return this.joined && (this.assignment[this.client.prefix + topic] ?? []).includes(partition);
  }

  /** Waits for the batches under way, leaves the group and disconnects. Without a broker there is no group to leave. */
  async close(): Promise<void> {
    this.stopping = true;
    const left = this.consumer.disconnect();
    left.catch(() => undefined);
    try {
      await within(DRAIN_LIMIT_MS, 'finishing the batches under way', Promise.allSettled(this.underWay));
      await within(LEAVE_LIMIT_MS, 'leaving the group', left);
    } catch (error) {
      this.client.logger.warn({ err: error }, 'the consumer did not leave its group; it is dropped from it');
    }
    this.joined = false;
    this.closed = true;
  }

  private async counted(work: Promise<void>): Promise<void> {
    this.underWay.add(work);
    try {
      await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const batch = new KafkaBatch(payload.batch.topic.slice(this.client.prefix.length), payload, this);
    try {
      await this.options.onBatch(batch);
    } catch (error) {
      const { topic, partition } = batch;
      const level = batch.lost === null ? 'error' : 'info';
      this.client.logger[level](
        { err: error, topic, partition },
        'a batch was not handled to its end; the rest comes again',
      );
      if (batch.isOurs() && !batch.isStopping()) await wait(AFTER_REJECTION_MS);
    }
    // Only by its own error does the client learn that it must join again. Any other error would count towards a crash.
    if (batch.lost !== null) throw batch.lost;
  }
}
