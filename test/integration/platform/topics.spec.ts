import { afterAll, describe, expect, it } from '@jest/globals';
import { newTopicPrefix, openEventLog } from '../../support/kafka.js';

const PARTITIONS = 6;

describe('topics that several processes make at once', () => {
  const prefix = newTopicPrefix();
  const topics = Array.from({ length: 4 }, (_, index) => `topic-${index}`);
  const logs = [1, 2, 3].map(() => openEventLog(prefix));
  afterAll(() => Promise.all(logs.map((log) => log.stop())));

  it('are told of with all their partitions as soon as one of them goes on', async () => {
    const places = await Promise.all(
      logs.map(async (log) => {
        await log.ensureTopics(topics, PARTITIONS);
        return log.places('nobody', topics);
      }),
    );
    for (const seen of places) expect(seen).toHaveLength(topics.length * PARTITIONS);
  });
});
