import type { Database } from '#libs/platform/database';
import type { EventLogProducer } from '#libs/platform/kafka';
import type { Logger } from '#libs/platform/observability';
import { Periodic } from '../periodic.js';
import { LeaseStore } from './lease.store.js';
import { OutboxListener } from './outbox-listener.js';
import { OutboxStore } from './outbox.store.js';
import { Relay } from './relay.js';
import { RENEW_MS, ShardLeases } from './shard-leases.js';

export interface RelayOptions {
  readonly database: Database;
  /** For the connection that listens; a pool cannot give one. */
  readonly databaseUrl: string;
  readonly producer: EventLogProducer;
  /** Names this relay in its leases; another process must have another. */
  readonly owner: string;
  readonly logger: Logger;
}

/** A relay with its leases and its listener, as one part. */
export interface RelayPart {
  start(): void;
  /** Rejects with the last failure while the relay backs off. */
  check(): Promise<void>;
  /** Ends after the round under way and gives the leases back. */
  stop(): Promise<void>;
}

export function createRelayPart({ database, databaseUrl, producer, owner, logger }: RelayOptions): RelayPart {
  const leases = new ShardLeases(new LeaseStore(database, owner), owner, logger);
  const relay = new Relay(new OutboxStore(database), leases, producer, logger);
  const renewal = new Periodic({
    name: 'renewing the relay’s leases',
    everyMs: RENEW_MS,
    retryMs: 500,
    logger,
    work: () => leases.renew(),
  });
  const listener = new OutboxListener(databaseUrl, () => relay.hint(), logger);
  return {
    start: () => {
      renewal.start();
      listener.start();
      relay.start();
      void renewal.succeeded.then(() => relay.hint());
    },
    check: () => relay.check(),
    stop: async () => {
      await relay.stop();
      await Promise.all([renewal.stop(), listener.stop()]);
      await leases
        .giveBackAll()
        .catch((error: unknown) => logger.warn({ err: error }, 'leases were not given back; they end by themselves'));
      await producer.stop();
    },
  };
}
