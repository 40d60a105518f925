import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { sql } from 'kysely';
import { createRelayPart, type RelayPart } from '../../../apps/bridge/relay/create-relay.js';
import { requestRefused } from '#libs/events';
import { newId } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { PeriodInvalid, republish } from '#libs/platform/outbox';
import { eventually } from '../../support/eventually.js';
import { tapTopics, type TopicTap } from '../../support/kafka.js';
import { BridgeFixture, TENANT } from './bridge-fixture.js';

const TOPIC = requestRefused.topic;

let fixture: BridgeFixture;
let bridgeRole: Database;
let tap: TopicTap;
let relay: RelayPart;

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  const { database } = fixture.config();
  bridgeRole = openDatabase(database, 'test-republish');
  await fixture.eventLog.ensureTopics([TOPIC], 2);
  tap = tapTopics(fixture.eventLog, [TOPIC]);
  const producer = fixture.eventLog.createProducer();
  const logger = pino({ level: 'silent' });
  relay = createRelayPart({
    database: bridgeRole,
    databaseUrl: database.url,
    producer,
    owner: randomUUID(),
    logger,
  });
  relay.start();
});
afterAll(async () => {
  await relay.stop();
  await tap.stop();
  await bridgeRole.destroy();
  await fixture.stop();
});

const sequencesOf = (requestId: string): string[] =>
  tap.records
    .filter(({ key }) => key?.toString() === `${TENANT}/request/${requestId}`)
    .map(({ headers }) => `${headers['ce_sequence']} ${headers['ce_id']}`);

/** Puts seconds between the events, which were committed within the same millisecond perhaps. Gives each one's time. */
async function spread(ids: readonly string[]): Promise<Date[]> {
  const { rows } = await sql<{ today: Date }>`SELECT date_trunc('day', now(), 'UTC') AS today`.execute(
    fixture.database.admin,
  );
  const times = ids.map((_, index) => new Date(rows[0]!.today.getTime() + index * 1000));
  for (const [index, id] of ids.entries())
    await sql`UPDATE outbox SET created_at = ${times[index]} WHERE event_id = ${id}`.execute(fixture.database.admin);
  return times;
}

describe('publishing a period of the outbox again', () => {
  it('sends what was committed in it once more, in order and with its ids, and nothing else', async () => {
    const requestId = newId();
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1)
      ids.push(await fixture.append(requestRefused, requestId, { requestId, code: 'a.code' }));
    await eventually('all are sent', () => sequencesOf(requestId).length === 4);
    const first = sequencesOf(requestId);
    await eventually('all are marked', async () => {
      const unsent = await sql`SELECT 1 FROM outbox WHERE sent_at IS NULL`.execute(fixture.database.admin);
      return unsent.rows.length === 0;
    });

    const times = await spread(ids);
    const period = { from: times[1]!, to: times[3]! };
    expect(await republish(bridgeRole, { ...period, topic: 'stellwerk.process.v1' })).toBe(0);
    expect(await republish(bridgeRole, { ...period, topic: TOPIC })).toBe(2);

    await eventually('the two are sent again', () => sequencesOf(requestId).length === 6);
    expect(sequencesOf(requestId)).toEqual([...first, first[1], first[2]]);
  });

  it('refuses a period that ends before it begins', async () => {
    const from = new Date('2026-11-22T10:00:00Z');
    await expect(republish(bridgeRole, { from, to: from })).rejects.toBeInstanceOf(PeriodInvalid);
  });
});
