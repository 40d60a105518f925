import { setTimeout as wait } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import type { KafkaConfig } from '../config/index.js';
import type { Logger } from '../observability/index.js';
import type { EventLog, PartitionPlace } from './event-log.js';
import { eventLogUnavailable, within } from './event-log-errors.js';
import { createKafkaClient, type KafkaClient } from './kafka-client.js';
import { KafkaConsumer } from './kafka-consumer.js';
import { KafkaProducer } from './kafka-producer.js';

/** How long a topic keeps its records. The inbox keeps its rows longer. */
export const RETENTION_DAYS = 14;
export const DEFAULT_PARTITIONS = 6;
const RETENTION_MS = String(RETENTION_DAYS * 24 * 60 * 60 * 1000);
/** Everything for as long as elsewhere, then the last record of each key, for good. */
const LASTING = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'min.compaction.lag.ms', value: RETENTION_MS },
];

// Node finds the names of a CommonJS module by reading its text, and misses this one
const { ConfigResourceTypes } = kafkajs;
const CALL_LIMIT_MS = 15_000;
const TOPIC_LOOK_MS = 100;
const PING_LIMIT_MS = 4_000;

/** The event log on Kafka, by kafkajs. The prefix stands before every topic and group, unseen by callers. */
export function createKafkaEventLog(config: KafkaConfig, logger: Logger): EventLog {
  const client = createKafkaClient(config, logger);
  const open = new Set<{ stop(): Promise<void> }>();
  const owned = <T extends { stop(): Promise<void> }>(part: T): T => {
    open.add(part);
    return part;
  };
  return {
    createProducer: () => owned(new KafkaProducer(client)),
    createConsumer: (options) => owned(new KafkaConsumer(client, options)),
    ensureTopics: (topics, partitions, lasting = []) =>
      asAdmin(client, CALL_LIMIT_MS, (admin) =>
        ensureTopics(admin, { prefix: client.prefix, topics, partitions, lasting }),
      ),
    places: (group, topics) =>
      asAdmin(client, CALL_LIMIT_MS, (admin) => readPlaces(admin, client.prefix, group, topics)),
    ping: () => asAdmin(client, PING_LIMIT_MS, async (admin) => void (await admin.describeCluster())),
    stop: async () => void (await Promise.all([...open].map((part) => part.stop()))),
  };
}

/** A connection of its own for each call: it finds the broker anew, whatever happened since the last one. */
async function asAdmin<T>(client: KafkaClient, limitMs: number, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.kafka.admin({ retry: { retries: 1, initialRetryTime: 200, maxRetryTime: 500 } });
  try {
    return await within(
      limitMs,
      'the call',
      admin.connect().then(() => work(admin)),
    );
  } catch (error) {
    throw eventLogUnavailable(error);
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}

interface WantedTopics {
  readonly prefix: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly lasting: readonly string[];
}

async function ensureTopics(admin: Admin, { prefix, topics, partitions, lasting }: WantedTopics): Promise<void> {
  const names = topics.map((topic) => prefix + topic);
  const known = new Set(await admin.listTopics());
  const kept = new Set(lasting.map((topic) => prefix + topic));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) await makeTopics(admin, missing, partitions, kept);
  await untilTold(admin, names);
  // made before they had to last, or changed by somebody
  for (const name of names) if (known.has(name) && kept.has(name)) await makeLast(admin, name);
}

async function makeTopics(
  admin: Admin,
  names: readonly string[],
  partitions: number,
  kept: ReadonlySet<string>,
): Promise<void> {
  const retention = { name: 'retention.ms', value: RETENTION_MS };
  await admin.createTopics({
    waitForLeaders: false,
    // the replication factor is the broker's default
    topics: names.map((topic) => ({
      ...{ topic, numPartitions: partitions },
      configEntries: kept.has(topic) ? LASTING : [retention],
    })),
  });
}

async function makeLast(admin: Admin, name: string): Promise<void> {
  const resource = { type: ConfigResourceTypes.TOPIC, name };
  const names = LASTING.map((entry) => entry.name);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ ...resource, configNames: names }],
  });
  const entries = resources[0]?.configEntries ?? [];
  const isSet = ({ name: key, value }: (typeof LASTING)[number]): boolean =>
    entries.some(({ configName, configValue }) => configName === key && configValue === value);
  if (!LASTING.every(isSet))
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: [...LASTING] }] });
}

/**
 * A broker takes the order to make a topic, or says that another process gave it, before it tells of the topic and of its
 * partitions' leaders. Whoever asks in between is refused, and a consumer would have to join anew.
 */
async function untilTold(admin: Admin, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + CALL_LIMIT_MS;
  while (!(await areTold(admin, names))) {
    if (performance.now() > deadline) throw new Error(`the topics ${names.join(', ')} did not appear`);
    await wait(TOPIC_LOOK_MS);
  }
}

async function areTold(admin: Admin, names: readonly string[]): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
    return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    const { type } = error as { readonly type?: unknown };
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE') return false;
    throw error;
  }
}

/** A broker names a leader or a coordinator of what was just made before that one has taken the office. */
const NOT_IN_OFFICE = [
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
];

/** Asks again until whoever is asked has taken its office. */
async function patiently<T>(question: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + CALL_LIMIT_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      const { type } = error as { readonly type?: string };
      if (!NOT_IN_OFFICE.includes(type ?? '') || performance.now() > deadline) throw error;
      await wait(TOPIC_LOOK_MS);
    }
  }
}

async function readPlaces(
  admin: Admin,
  prefix: string,
  group: string,
  topics: readonly string[],
): Promise<PartitionPlace[]> {
  const names = topics.map((topic) => prefix + topic);
  const committed = await patiently(() => admin.fetchOffsets({ groupId: prefix + group, topics: names }));
  const places = await Promise.all(
    names.map(async (name) => {
      const ends = await patiently(() => admin.fetchTopicOffsets(name));
      const mine = committed.find((entry) => entry.topic === name)?.partitions ?? [];
      return ends.map(({ partition, high, low }): PartitionPlace => {
        const place = BigInt(mine.find((entry) => entry.partition === partition)?.offset ?? -1);
        // retention may have removed what lay at the committed place
        const next = place < BigInt(low) ? BigInt(low) : place;
        return { topic: name.slice(prefix.length), partition, next, end: BigInt(high) };
      });
    }),
  );
  return places.flat();
}
