import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { newTopicPrefix, openEventLog } from '../../support/kafka.js';
import { testStack } from '../../support/test-stack.js';

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

describe('a topic whose last records have to last', () => {
  const prefix = newTopicPrefix();
  const log = openEventLog(prefix);
  const client = new Kafka({ brokers: [...testStack().kafkaBrokers], logLevel: logLevel.NOTHING });
  afterAll(() => log.stop());

  /** What the broker says of a topic. */
  async function policyOf(topic: string): Promise<readonly (string | undefined)[]> {
    const admin = client.admin();
    await admin.connect();
    const names = ['cleanup.policy', 'min.compaction.lag.ms'];
    const resource = { type: ConfigResourceTypes.TOPIC, name: prefix + topic, configNames: names };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    await admin.disconnect();
    return names.map((name) => resources[0]!.configEntries.find((entry) => entry.configName === name)?.configValue);
  }

  it('keeps each key’s last one for good, also where it was made before', async () => {
    await log.ensureTopics(['before'], 1);
    expect((await policyOf('before'))[0]).toBe('delete');
    await log.ensureTopics(['before', 'new', 'other'], 1, ['before', 'new']);
    const fourteenDays = String(14 * 24 * 60 * 60 * 1000);
    for (const topic of ['before', 'new']) expect(await policyOf(topic)).toEqual(['compact', fourteenDays]);
    expect((await policyOf('other'))[0]).toBe('delete');
  });
});
