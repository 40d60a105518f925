import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createKafkaEventLog, type EventLog, type ReceivedRecord } from '#libs/platform/kafka';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { testStack } from './test-stack.js';

/** A prefix of topics and groups that no other test file uses. */
export function newTopicPrefix(): string {
  return `t${randomBytes(5).toString('hex')}.`;
}

/** The event log of the test's own prefix, on the shared broker. */
export function openEventLog(prefix: string): EventLog {
  return createKafkaEventLog({ brokers: testStack().kafkaBrokers, prefix }, pino({ level: 'silent' }));
}

/**
 * A way to the broker that can be cut. A broker tells its clients the address to use, so the proxy puts its own port into
 * the answers: host and port stand together there, and both addresses have the same length.
 */
export function startKafkaProxy(options: { down?: boolean } = {}): Promise<TcpProxy> {
  const [host = '', port = ''] = testStack().kafkaBrokers[0]!.split(':');
  const addressOf = (number: number): Buffer => {
    const bytes = Buffer.alloc(host.length + 4);
    bytes.write(host);
    bytes.writeInt32BE(number, host.length);
    return bytes;
  };
  const real = addressOf(Number(port));
  const rewrite = (chunk: Buffer, proxyPort: number): Buffer => {
    for (let at = chunk.indexOf(real); at !== -1; at = chunk.indexOf(real, at + 1))
      addressOf(proxyPort).copy(chunk, at);
    return chunk;
  };
  return startTcpProxy({ host, port: Number(port), rewrite }, options);
}

/** Everything that arrives in some topics, from their beginning. */
export interface TopicTap {
  readonly records: readonly ReceivedRecord[];
  stop(): Promise<void>;
}

/** Reads along. The topics must exist. */
export function tapTopics(eventLog: EventLog, topics: readonly string[]): TopicTap {
  const records: ReceivedRecord[] = [];
  const consumer = eventLog.createConsumer({
    group: `tap-${randomBytes(4).toString('hex')}`,
    topics,
    partitionsAtOnce: 4,
    onBatch: async (batch) => {
      records.push(...batch.records);
      await batch.commit(batch.records.at(-1)!.offset + 1n);
    },
    onCrash: () => undefined,
  });
  consumer.start();
  return { records, stop: () => consumer.stop() };
}
