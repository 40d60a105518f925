import { CompressionTypes, Partitioners, type Message, type Producer } from 'kafkajs';
import type { EventLogProducer, LogRecord } from './event-log.js';
import { eventLogUnavailable, within } from './event-log-errors.js';
import { SHORT_RETRIES, type KafkaClient } from './kafka-client.js';

// The client makes one record batch per partition and request, and a broker refuses a batch over 1 MiB.
const REQUEST_BYTES = 700_000;
const OVERHEAD_BYTES = 40;
const SEND_LIMIT_MS = 60_000;

/**
 * Sends in order: one request at a time, acknowledged by all in-sync replicas. Not idempotent: the client calls that mode
 * experimental, it does not survive a new producer, and readers ignore a sequence they already applied.
 */
export class KafkaProducer implements EventLogProducer {
  private producer: Promise<Producer> | null = null;

  constructor(private readonly client: KafkaClient) {}

  async connect(): Promise<void> {
    await this.connected();
  }

  async send(records: readonly LogRecord[]): Promise<void> {
    for (const chunk of chunksOf(records, REQUEST_BYTES)) {
      const producer = await this.connected();
      try {
        await within(
          SEND_LIMIT_MS,
          'sending',
          producer.sendBatch({
            acks: -1,
            timeout: 10_000,
            compression: CompressionTypes.None,
            topicMessages: this.byTopic(chunk),
          }),
        );
      } catch (error) {
        // a fresh producer next time: whatever state this one is in, it is not carried on
        await this.stop();
        throw eventLogUnavailable(error);
      }
    }
  }

  async stop(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    await producer?.then((it) => within(5_000, 'disconnecting', it.disconnect())).catch(() => undefined);
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.open();
    return this.producer;
  }

  private async open(): Promise<Producer> {
    const producer = this.client.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      maxInFlightRequests: 1,
      idempotent: false,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      retry: SHORT_RETRIES,
    });
    try {
      await within(SEND_LIMIT_MS, 'connecting', producer.connect());
      return producer;
    } catch (error) {
      this.producer = null;
      throw eventLogUnavailable(error);
    }
  }

  private byTopic(records: readonly LogRecord[]): { topic: string; messages: Message[] }[] {
    const topics = new Map<string, Message[]>();
    for (const { topic, key, value, headers } of records) {
      const messages = topics.get(topic) ?? [];
      messages.push({ key, value, headers: { ...headers } });
      topics.set(topic, messages);
    }
    return [...topics].map(([topic, messages]) => ({ topic: this.client.prefix + topic, messages }));
  }
}

/** Splits records, keeping their order, so that a chunk stays below `limit` bytes or is a single record. */
export function chunksOf(records: readonly LogRecord[], limit: number): LogRecord[][] {
  const chunks: LogRecord[][] = [];
  let bytes = limit;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes + size > limit) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(record);
    bytes += size;
  }
  return chunks;
}

function sizeOf(record: LogRecord): number {
  const headers = Object.entries(record.headers).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text) + 4,
    0,
  );
  return OVERHEAD_BYTES + Buffer.byteLength(record.key) + record.value.length + headers;
}
