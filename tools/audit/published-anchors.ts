import { randomUUID } from 'node:crypto';
import { auditChainAnchored, decodeEvent } from '#libs/events';
import type { GivenAnchor } from '#libs/platform/audit';
import type { EventLog, ReceivedRecord } from '#libs/platform/kafka';

/** Every anchor that the log still has. Records that are none are passed over: whoever may write to Kafka may write anything. */
export async function publishedAnchors(log: EventLog, topic: string): Promise<readonly GivenAnchor[]> {
  const group = `stellwerk-audit-verify-${randomUUID()}`;
  // what retention has removed is not waited for
  const places = (await log.places(group, [topic])).filter(({ next, end }) => next < end);
  const ends = new Map(places.map(({ partition, end }) => [partition, end]));
  const open = new Set(ends.keys());
  const anchors: GivenAnchor[] = [];
  if (open.size === 0) return anchors;
  let done: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => ([done, fail] = [resolve, reject]));
  const consumer = log.createConsumer({
    group,
    topics: [topic],
    partitionsAtOnce: 4,
    onBatch: async (batch) => {
      for (const record of batch.records) anchors.push(...(anchorIn(record) ?? []));
      const next = (batch.records.at(-1)?.offset ?? -1n) + 1n;
      await batch.commit(next);
      if (next >= (ends.get(batch.partition) ?? 0n)) open.delete(batch.partition);
      if (open.size === 0) done();
    },
    onCrash: (error) => fail(error),
  });
  consumer.start();
  try {
    await finished;
  } finally {
    await consumer.stop();
  }
  return anchors;
}

function anchorIn(record: ReceivedRecord): readonly GivenAnchor[] | null {
  try {
    const { definition, data } = decodeEvent(record.headers, record.value);
    return definition.type === auditChainAnchored.type ? [data as unknown as GivenAnchor] : null;
  } catch {
    return null;
  }
}
