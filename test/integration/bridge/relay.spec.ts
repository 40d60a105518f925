import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { LeaseStore, RELAY_LOCK } from '../../../apps/bridge/relay/lease.store.js';
import { createRelayPart, type RelayPart } from '../../../apps/bridge/relay/create-relay.js';
import { requestRefused } from '#libs/events';
import { newId, systemClock } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { createKafkaEventLog, type EventLog } from '#libs/platform/kafka';
import { appendEvent, OUTBOX_SHARDS } from '#libs/platform/outbox';
import { eventually } from '../../support/eventually.js';
import { startKafkaProxy, tapTopics, type TopicTap } from '../../support/kafka.js';
import { BridgeFixture, TENANT } from './bridge-fixture.js';

const TOPIC = requestRefused.topic;
const silent = pino({ level: 'silent' });

let fixture: BridgeFixture;
let database: Database;
let tap: TopicTap;
const relays = new Set<RelayPart>();

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  database = openDatabase(fixture.config().database, 'test-relay');
  await fixture.eventLog.ensureTopics([TOPIC], 6);
  tap = tapTopics(fixture.eventLog, [TOPIC]);
});
afterAll(async () => {
  await Promise.all([...relays].map((relay) => relay.stop()));
  await tap.stop();
  await database.destroy();
  await fixture.stop();
});

function startRelay({ eventLog = fixture.eventLog, owner = randomUUID() as string } = {}): RelayPart {
  const relay = createRelayPart({
    database,
    databaseUrl: fixture.config().database.url,
    producer: eventLog.createProducer(),
    owner,
    logger: silent,
  });
  relays.add(relay);
  relay.start();
  return relay;
}

async function stopRelay(relay: RelayPart): Promise<void> {
  relays.delete(relay);
  await relay.stop();
}

const refuse = (aggregate: string) => fixture.append(requestRefused, aggregate, { requestId: newId(), code: 'a.code' });

/** One writer: some transactions, each with some events of some keys. */
async function write(keys: readonly string[], transactions: number): Promise<void> {
  for (let i = 0; i < transactions; i++) {
    // always in one order, so that two writers do not wait for each other in a circle
    const chosen = keys.filter((_key, index) => (index + i) % 3 !== 0);
    await inTenants(fixture.api, [TENANT], async (tx) => {
      for (const key of [...chosen, ...chosen.slice(-1)]) {
        const origin = {
          tenant: TENANT,
          aggregate: `request/${key}`,
          correlationId: key,
          causationId: null,
        };
        await appendEvent(tx, requestRefused, origin, { requestId: newId(), code: 'a.code' });
      }
    });
  }
}

/** Sequences of a key in the order in which a reader sees them for the first time. */
function firstSeen(key: string): number[] {
  const sequences = tap.records
    .filter((record) => record.key?.toString() === `${TENANT}/request/${key}`)
    .map((record) => Number(record.headers['ce_sequence']));
  return [...new Set(sequences)];
}

const owners = async (): Promise<Map<string, number>> => {
  const rows = await fixture.database.admin
    .selectFrom('outbox_shards')
    .select('owner')
    .where('owner', 'is not', null)
    .execute();
  const counts = new Map<string, number>();
  for (const { owner } of rows) counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
  return counts;
};

describe('the relay', () => {
  it('keeps the order of each key while writers and relays come and go', async () => {
    const keys = Array.from({ length: 12 }, () => newId());
    const first = startRelay({ owner: 'first' });
    const writers = Promise.all(Array.from({ length: 6 }, () => write(keys, 25)));
    await eventually('the first relay has all shards', async () => (await owners()).get('first') === OUTBOX_SHARDS);
    const second = startRelay({ owner: 'second' });
    await eventually('both have half of the shards', async () => {
      const counts = await owners();
      return counts.get('first') === OUTBOX_SHARDS / 2 && counts.get('second') === OUTBOX_SHARDS / 2;
    });
    await writers;
    await eventually('all is sent', async () => (await fixture.unsent()) === 0);
    const written = await fixture.database.admin.selectFrom('event_keys').select(['key', 'sequence']).execute();
    await eventually('all has arrived', () =>
      keys.every((key) => firstSeen(key).length === written.find((row) => row.key.endsWith(key))?.sequence),
    );
    for (const key of keys) expect(firstSeen(key)).toEqual(Array.from(firstSeen(key), (_sequence, index) => index + 1));
    await stopRelay(first);
    await stopRelay(second);
    expect((await owners()).size).toBe(0);
  });

  it('waits for the end of a dead relay’s lease and then takes it over', async () => {
    await fixture.database.admin
      .updateTable('outbox_shards')
      .set({ owner: 'dead', leased_until: new Date(systemClock.now().getTime() + 1_500) })
      .execute();
    const relay = startRelay();
    const key = newId();
    await refuse(key);
    await eventually('the leases of the dead have ended', async () => !(await owners()).has('dead'));
    await eventually('its event has arrived', () => firstSeen(key).length === 1);
    const { leased_until } = await fixture.database.admin
      .selectFrom('outbox_shards')
      .select('leased_until')
      .executeTakeFirstOrThrow();
    expect(leased_until.getTime()).toBeGreaterThan(systemClock.now().getTime());
    await stopRelay(relay);
  });

  it('does not count a relay that is connected and hangs, until it speaks again', async () => {
    const hung = new pg.Client({ connectionString: fixture.config().database.url });
    await hung.connect();
    await hung.query('SELECT pg_advisory_lock_shared($1, $2)', [RELAY_LOCK.class, RELAY_LOCK.object]);
    const store = new LeaseStore(database, 'counting');
    expect(await store.countRelays(10_000)).toBe(1);
    await eventually('it counts no more', async () => (await store.countRelays(200)) === 0);
    await hung.query('SELECT 1');
    expect(await store.countRelays(10_000)).toBe(1);
    await hung.end();
  });

  it('sends nothing while another relay holds the leases', async () => {
    await fixture.database.admin
      .updateTable('outbox_shards')
      .set({ owner: 'other', leased_until: new Date(systemClock.now().getTime() + 3_600_000) })
      .execute();
    const relay = startRelay();
    const key = newId();
    await refuse(key);
    const looks = async () =>
      (
        await fixture.database.admin
          .selectFrom('outbox')
          .select('id')
          .where('key', 'like', `%${key}`)
          .where('sent_at', 'is not', null)
          .execute()
      ).length;
    await expect(eventually('it is sent', async () => (await looks()) > 0, 1)).rejects.toThrow('not within');
    await fixture.database.admin
      .updateTable('outbox_shards')
      .set({ owner: null, leased_until: new Date(0) })
      .execute();
    await eventually('its event has arrived', () => firstSeen(key).length === 1);
    await stopRelay(relay);
  });

  it('says that Kafka is down, loses nothing, and goes on by itself', async () => {
    const proxy = await startKafkaProxy();
    const eventLog: EventLog = createKafkaEventLog(
      { brokers: [`127.0.0.1:${proxy.port}`], prefix: fixture.prefix },
      silent,
    );
    const relay = startRelay({ eventLog });
    const key = newId();
    await refuse(key);
    await eventually('the first event has arrived', () => firstSeen(key).length === 1);
    await proxy.cut();
    for (let i = 0; i < 5; i++) await refuse(key);
    await eventually(
      'the relay tells of it',
      () =>
        relay.check().then(
          () => false,
          (error: { code?: string }) => error.code === 'event_log.unavailable',
        ),
      60,
    );
    expect(await fixture.unsent()).toBe(5);
    await proxy.restore();
    await eventually('all have arrived', () => firstSeen(key).length === 6, 60);
    expect(firstSeen(key)).toEqual([1, 2, 3, 4, 5, 6]);
    await eventually('the relay is well again', () => relay.check().then(() => true));
    await stopRelay(relay);
    await eventLog.stop();
    await proxy.stop();
  });
});
