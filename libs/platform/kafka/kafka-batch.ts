import { isUtf8 } from 'node:buffer';
import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { Batch, ReceivedRecord } from './event-log.js';
import { eventLogUnavailable } from './event-log-errors.js';

/** A batch of the client as ours. After a failed heartbeat or commit it is lost: its place is somebody else's to keep. */
export class KafkaBatch implements Batch {
  readonly partition: number;
  readonly records: readonly ReceivedRecord[];
  /** Why it was lost; the client must see this error to join again. */
  lost: Error | null = null;

  constructor(
    readonly topic: string,
    private readonly payload: EachBatchPayload,
    private readonly session: { readonly closed: boolean; readonly stopping: boolean },
  ) {
    this.partition = payload.batch.partition;
    this.records = payload.batch.messages.map((message) => toRecord(topic, this.partition, message));
  }

  isOurs(): boolean {
    return this.lost === null && !this.session.closed && !this.payload.isStale();
  }

  isStopping(): boolean {
    return this.session.stopping || !this.payload.isRunning();
  }

  async heartbeat(): Promise<void> {
    await this.keepPlace(() => this.payload.heartbeat());
  }

  async commit(offset: bigint): Promise<void> {
    const partitions = [{ partition: this.partition, offset: offset.toString() }];
    await this.keepPlace(() =>
      this.payload.commitOffsetsIfNecessary({ topics: [{ topic: this.payload.batch.topic, partitions }] }),
    );
    // the client reads on from what is resolved, not from what is committed
    this.payload.resolveOffset((offset - 1n).toString());
  }

  private async keepPlace(call: () => Promise<void>): Promise<void> {
    if (!this.isOurs()) throw eventLogUnavailable(this.lost ?? new Error('the partition is no longer ours'));
    try {
      await call();
    } catch (error) {
      this.lost = error instanceof Error ? error : new Error(String(error));
      throw eventLogUnavailable(error);
    }
  }
}

function toRecord(topic: string, partition: number, message: KafkaMessage): ReceivedRecord {
  const { headers, undecodable } = decodeHeaders(message.headers ?? {});
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers,
    undecodable,
  };
}

/**
 * Header values as text. A value that is no UTF-8 keeps U+FFFD where it broke, and its bytes stand in `undecodable`. A
 * header given more than once arrives joined with commas (RFC 9110, section 5.3), which no attribute of ours survives.
 */
export function decodeHeaders(raw: IHeaders): Pick<ReceivedRecord, 'headers' | 'undecodable'> {
  const headers: [string, string][] = [];
  const undecodable: [string, Buffer][] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const parts = (Array.isArray(value) ? value : [value]).map((part) => Buffer.from(part ?? ''));
    const bytes = parts.length === 1 ? parts[0]! : Buffer.from(parts.map((part) => part.toString()).join(', '));
    headers.push([name, bytes.toString('utf8')]);
    if (parts.some((part) => !isUtf8(part))) undecodable.push([name, Buffer.concat(parts)]);
  }
  return { headers: Object.fromEntries(headers), undecodable: Object.fromEntries(undecodable) };
}
