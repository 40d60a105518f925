import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '#libs/platform/kafka';

/** A record of a topic, in the order in which it lies there. */
export interface EventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly sequence: number;
  readonly eventId: string;
}

const LOOK_MS = 100;
const READ_WITHIN_MS = 60_000;

/** Reads topics from their beginning to their present end, as a consumer of its own. */
export async function readTopics(eventLog: EventLog, topics: readonly string[]): Promise<EventRecord[]> {
  const found: EventRecord[] = [];
  const group = `chaos-${randomBytes(4).toString('hex')}`;
  const consumer = eventLog.createConsumer({
    group,
    topics,
    partitionsAtOnce: 6,
    onBatch: async (batch) => {
      for (const { topic, partition, offset, key, headers } of batch.records) {
        const place = { topic, partition, offset, key: key?.toString() ?? '' };
        found.push({ ...place, sequence: Number(headers['ce_sequence']), eventId: headers['ce_id'] ?? '' });
      }
      await batch.commit(batch.records.at(-1)!.offset + 1n);
    },
    onCrash: () => undefined,
  });
  consumer.start();
  try {
    const deadline = performance.now() + READ_WITHIN_MS;
    let trouble: unknown;
    // a broker that was killed a moment ago may still be electing a leader
    const noted = (error: unknown): boolean => ((trouble = error), false);
    while (!(await isAtEnd(eventLog, group, topics).catch(noted))) {
      if (performance.now() > deadline)
        throw new Error(`The topics were not read within ${READ_WITHIN_MS / 1000} s`, { cause: trouble });
      await pause(LOOK_MS);
    }
  } finally {
    await consumer.stop();
  }
  return found.sort(inLogOrder);
}

async function isAtEnd(eventLog: EventLog, group: string, topics: readonly string[]): Promise<boolean> {
  return (await eventLog.places(group, topics)).every(({ next, end }) => next >= end);
}

function inLogOrder(a: EventRecord, b: EventRecord): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}
