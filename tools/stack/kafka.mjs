// @ts-check
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { writePrivate } from './files.mjs';
import { checkKafka } from './health.mjs';

// Small: the heap holds no messages (they are in the page cache), and SerialGC spares the threads of the default collector.
const JVM = [
  '-Xms96m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:MaxDirectMemorySize=64m',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
  '-Dorg.slf4j.simpleLogger.log.kafka.server=info',
  '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.coordinator.group=info',
];

/**
 * Writes the configuration, formats the log directory when it is new, and describes how the broker is started
 * (KRaft: broker and controller in one process, no ZooKeeper).
 * @param {{ places: import('../setup/places.mjs').ProfilePlaces, jars: string, port: number, controllerPort: number }} options
 * @returns {Promise<import('./managed-server.mjs').ServerSpec>}
 */
export async function kafkaServer({ places, jars, port, controllerPort }) {
  const data = join(places.data, 'kafka');
  const properties = join(places.config, 'kafka.properties');
  const java = [...JVM, `-Djava.io.tmpdir=${temporary(places)}`, '-cp', join(jars, 'libs', '*')];
  writePrivate(properties, propertiesText(data, port, controllerPort));
  if (!existsSync(join(data, 'meta.properties'))) await format(data, properties, java, places);
  return {
    name: 'kafka',
    command: 'java',
    args: [...java, 'kafka.Kafka', properties],
    port,
    ready: () => checkKafka([`127.0.0.1:${port}`]),
    graceMs: 20_000,
    background: true,
  };
}

/** Compression libraries unpack native code there; the system's own may forbid running it. @param {import('../setup/places.mjs').ProfilePlaces} places */
function temporary(places) {
  const dir = join(places.data, 'kafka-tmp');
  mkdirSync(dir, { recursive: true });
  return dir;
}

/**
 * @param {string} data
 * @param {string} properties
 * @param {string[]} java
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 */
async function format(data, properties, java, places) {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const clusterId = newClusterId();
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties], {
    log: join(places.logs, 'kafka-format.log'),
  });
}

/** @param {string} data @param {number} port @param {number} controllerPort */
export function propertiesText(data, port, controllerPort) {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `BROKER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `BROKER://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'BROKER',
    'log.dirs': data,
    'auto.create.topics.enable': false,
    // Default 3 s: every consumer group's first start would wait that long for more members.
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'min.insync.replicas': 1,
    // Default 9 s: a broker that was killed comes back only when its old session has run out.
    'broker.session.timeout.ms': 5000,
    'broker.heartbeat.interval.ms': 1000,
    'default.replication.factor': 1,
    'num.partitions': 4,
    'message.max.bytes': 1_048_588,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'log.segment.bytes': 67_108_864,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * 16 random bytes as base64url. Kafka's tool takes an id that begins with a hyphen for an option.
 *
 * @returns {string}
 */
function newClusterId() {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}
