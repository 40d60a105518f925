import {
  Kafka,
  logLevel,
  type KafkaConfig as KafkaClientConfig,
  type logCreator,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaConfig, KafkaLogin } from '../config/index.js';
import type { Logger } from '../observability/index.js';

/** What the adapters of this folder share. */
export interface KafkaClient {
  readonly kafka: Kafka;
  /** For consumers: it keeps trying long enough for a broker to start again. */
  readonly patient: Kafka;
  readonly prefix: string;
  readonly logger: Logger;
}

// Bounded: a call gives up after some seconds, and its caller decides whether to wait and go on.
export const SHORT_RETRIES: RetryOptions = {
  initialRetryTime: 200,
  maxRetryTime: 2_000,
  multiplier: 2,
  factor: 0.2,
  retries: 3,
};

// About 18 s: a consumer that outlasts its broker's restart keeps its membership. One that joins anew has to wait until
// the broker has given up its former self.
export const LONG_RETRIES: RetryOptions = { ...SHORT_RETRIES, maxRetryTime: 1_000, retries: 20 };

export function createKafkaClient(config: KafkaConfig, logger: Logger): KafkaClient {
  const common: KafkaClientConfig = {
    clientId: 'stellwerk',
    brokers: [...config.brokers],
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    logLevel: logLevel.WARN,
    logCreator: () => logTo(logger),
    ssl: config.tls ?? false,
    ...(config.login ? { sasl: saslOf(config.login) } : {}),
  };
  const kafka = new Kafka({ ...common, retry: SHORT_RETRIES });
  return { kafka, patient: new Kafka({ ...common, retry: LONG_RETRIES }), prefix: config.prefix, logger };
}

/** kafkajs types each mechanism as an option of its own. */
function saslOf({ mechanism, username, password }: KafkaLogin): SASLOptions {
  return { mechanism, username, password } as SASLOptions;
}

const QUIET_MS = 10_000;
const EVERYDAY = /rebalancing|not aware of this member|generation/i;

/**
 * The client logs each failed attempt as an error. Here its errors are warnings (whoever gives up logs the error), a
 * group that changes is everyday, and the same line comes at most every ten seconds.
 */
function logTo(logger: Logger): ReturnType<logCreator> {
  const last = new Map<string, number>();
  return ({ namespace, log }) => {
    const { message, error, groupId, broker } = log as {
      message: string;
      error?: unknown;
      groupId?: string;
      broker?: string;
    };
    const line = `${namespace}: ${message}`;
    const now = performance.now();
    const repeated = now - (last.get(line) ?? -QUIET_MS) < QUIET_MS;
    if (!repeated) last.set(line, now);
    if (last.size > 500) last.clear();
    const quiet = repeated || EVERYDAY.test(`${message} ${String(error)}`);
    logger[quiet ? 'debug' : 'warn'](
      { error: error instanceof Error ? error.message : error, groupId, broker },
      `kafka client: ${line}`,
    );
  };
}
