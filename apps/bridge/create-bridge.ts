import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { auditChainAnchored, topics } from '#libs/events';
import { systemClock } from '#libs/kernel';
import type { Config } from '#libs/platform/config';
import { openDatabase, type Database, tenantsMixed } from '#libs/platform/database';
import { createKafkaEventLog, DEFAULT_PARTITIONS, type EventLog, type EventLogConsumer } from '#libs/platform/kafka';
import { startHealthServer, type Logger, type ReadinessChecks } from '#libs/platform/observability';
import { openKeyRing, PayloadKeys, SigningKeys } from '#libs/platform/secrets';
import { connectTemporal, encryptedPayloads, type TemporalClient } from '#libs/platform/temporal';
import { AuditChain, CHAIN_MS } from './audit-chain.js';
import { DeadLetterStore } from './dispatch/dead-letter.store.js';
import { DispatchStore } from './dispatch/dispatch.store.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { Suspects } from './dispatch/suspects.js';
import { WorkflowDelivery } from './dispatch/workflow-delivery.js';
import { keepHouse } from './housekeeping.js';
import { Periodic } from './periodic.js';
import { ensureReconciler } from './reconciler.js';
import { createRelayPart, type RelayPart } from './relay/create-relay.js';
import { Watchdog } from './watchdog.js';
import { WebhookDispatcher } from './webhooks/webhook-dispatcher.js';

export const BRIDGE_GROUP = 'stellwerk-bridge';
/** Reads beside the other group: what receivers are told never keeps a run from going on. */
export const WEBHOOKS_GROUP = 'stellwerk-webhooks';
const PARTITIONS_AT_ONCE = 6;
const RECONCILER_LOOK_MS = 30_000;
const TOPICS_LOOK_MS = 30_000;
const HOUSEKEEPING_MS = 3_600_000;

export interface BridgeOptions {
  readonly logger: Logger;
}

export interface RunningBridge {
  readonly healthPort: number;
  /** Rejects when the bridge cannot go on: its consumer is stuck or was refused. The owner then ends the process. */
  readonly failed: Promise<never>;
  /** Finishes what is under way, commits it, leaves the group and gives the leases back. */
  stop(): Promise<void>;
}

/** What the parts of a bridge share. */
interface Servers {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly temporal: TemporalClient;
}

/**
 * Starts outbox → Kafka and Kafka → Temporal in this process. It starts while the servers are down and begins its work
 * when they answer; `/health/ready` names each. Throws `SigningKeysMissing` or `SigningKeysInvalid`: no audit goes unsigned
 * because nobody noticed.
 */
export async function startBridge(config: Config, { logger }: BridgeOptions): Promise<RunningBridge> {
  const signingKeys = SigningKeys.fromFile(config.signingKeyFile);
  const database = openDatabase(config.database, 'stellwerk-bridge', { requireIsolation: true });
  const payloads = encryptedPayloads(new PayloadKeys(database, openKeyRing(config.masterKeys)));
  const servers: Servers = {
    database,
    eventLog: createKafkaEventLog(config.kafka, logger),
    temporal: await connectTemporal(config.temporal, payloads),
  };
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => undefined);
  const end = new AbortController();
  tenantsMixed(servers.database, end.signal).catch(fail);
  const suspects = new Suspects();
  const consumer = createConsumer(config, servers, suspects, logger, fail);
  const webhooks = createWebhooksConsumer(config, servers, logger, fail);
  const relay = createRelayPart({
    database: servers.database,
    databaseUrl: config.database.url,
    producer: servers.eventLog.createProducer(),
    owner: randomUUID(),
    logger,
  });
  const health = await startHealthServer(config.http, readinessChecks(servers, relay, consumer, webhooks));
  const chores = createChores(config, servers, { consumer, webhooks, suspects, signingKeys, logger, fail });
  chores.forEach((chore) => chore.start());
  relay.start();
  // the client refuses to join for topics that do not exist
  void chores[0]!.succeeded.then(() => [consumer, webhooks].forEach((one) => one.start()));
  const stop = async (): Promise<void> => {
    end.abort();
    await Promise.all(chores.map((chore) => chore.stop()));
    await Promise.all([consumer.stop(), webhooks.stop(), relay.stop()]);
    await Promise.all([servers.eventLog.stop(), servers.temporal.stop(), servers.database.destroy(), health.stop()]);
  };
  return { healthPort: health.port, failed, stop };
}

function createConsumer(
  config: Config,
  { database, eventLog, temporal }: Servers,
  suspects: Suspects,
  logger: Logger,
  fail: (error: Error) => void,
): EventLogConsumer {
  const delivery = new WorkflowDelivery(temporal, config.temporal.taskQueue);
  const dispatcher = new Dispatcher(
    new DispatchStore(database),
    new DeadLetterStore(database),
    delivery,
    suspects,
    logger,
  );
  return eventLog.createConsumer({
    group: BRIDGE_GROUP,
    topics,
    partitionsAtOnce: PARTITIONS_AT_ONCE,
    onBatch: (batch) => dispatcher.handle(batch),
    onCrash: fail,
  });
}

function createWebhooksConsumer(
  config: Config,
  { database, eventLog, temporal }: Servers,
  logger: Logger,
  fail: (error: Error) => void,
): EventLogConsumer {
  const delivery = new WorkflowDelivery(temporal, config.temporal.taskQueue);
  const dispatcher = new WebhookDispatcher(database, delivery, logger);
  return eventLog.createConsumer({
    group: WEBHOOKS_GROUP,
    topics,
    partitionsAtOnce: 1,
    onBatch: (batch) => dispatcher.handle(batch),
    onCrash: fail,
  });
}

interface ChoreParts {
  readonly consumer: EventLogConsumer;
  readonly webhooks: EventLogConsumer;
  readonly suspects: Suspects;
  readonly signingKeys: SigningKeys;
  readonly logger: Logger;
  fail(error: Error): void;
}

/** The first makes the topics. */
function createChores(
  config: Config,
  { database, eventLog, temporal }: Servers,
  { consumer, webhooks, suspects, signingKeys, logger, fail }: ChoreParts,
): Periodic[] {
  const watchdogOf = (watched: EventLogConsumer, group: string): Watchdog =>
    new Watchdog({
      consumer: watched,
      logger,
      limitSeconds: config.watchdogSeconds,
      places: () => eventLog.places(group, topics),
      othersAnswer: async () => void (await Promise.all([temporal.ping(), askDatabase(database)])),
      onStuck: fail,
    });
  const watchdogs = [watchdogOf(consumer, BRIDGE_GROUP), watchdogOf(webhooks, WEBHOOKS_GROUP)];
  const reconcile = async (): Promise<void> => {
    await ensureReconciler(temporal, config.temporal.taskQueue, config.reconcileSeconds);
    suspects.succeeded();
  };
  const audit = new AuditChain(database, (payload) => signingKeys.sign(payload));
  const chore = (name: string, everyMs: number, work: () => Promise<void>): Periodic =>
    new Periodic({ name, everyMs, retryMs: Math.min(everyMs, 2_000), logger, work });
  return [
    chore('ensuring the topics', TOPICS_LOOK_MS, () =>
      eventLog.ensureTopics(topics, DEFAULT_PARTITIONS, [auditChainAnchored.topic]),
    ),
    chore('housekeeping', HOUSEKEEPING_MS, () => keepHouse(database, systemClock.now(), logger)),
    chore('chaining the audit', CHAIN_MS, () => audit.look()),
    chore('ensuring the reconciler', RECONCILER_LOOK_MS, reconcile),
    chore('the watchdogs’ look', Math.min(5_000, config.watchdogSeconds * 250), async () => {
      for (const watchdog of watchdogs) await watchdog.look(performance.now() / 1000);
    }),
  ];
}

function readinessChecks(
  { database, eventLog, temporal }: Servers,
  relay: RelayPart,
  consumer: EventLogConsumer,
  webhooks: EventLogConsumer,
): ReadinessChecks {
  const isIn = (one: EventLogConsumer): Promise<void> =>
    one.isJoined() ? Promise.resolve() : Promise.reject(new Error('is not in its group yet'));
  return {
    postgresql: () => askDatabase(database),
    kafka: () => eventLog.ping(),
    temporal: () => temporal.ping(),
    relay: () => relay.check(),
    consumer: () => isIn(consumer),
    webhooks: () => isIn(webhooks),
  };
}

async function askDatabase(database: Database): Promise<void> {
  await sql`SELECT 1`.execute(database);
}
