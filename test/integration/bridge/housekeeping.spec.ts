import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { keepHouse } from '../../../apps/bridge/housekeeping.js';
import { newId, systemClock } from '#libs/kernel';
import { json, openDatabase, type Database } from '#libs/platform/database';
import { BridgeFixture, TENANT } from './bridge-fixture.js';

const DAY = 24 * 60 * 60 * 1000;

let fixture: BridgeFixture;
let database: Database;

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  database = openDatabase(fixture.config().database, 'test-housekeeping');
});
afterAll(async () => {
  await database.destroy();
  await fixture.stop();
});

const daysAgo = (days: number): Date => new Date(systemClock.now().getTime() - days * DAY);
const keepHouseNow = (now = systemClock.now()) => keepHouse(database, now, pino({ level: 'silent' }));

describe('housekeeping', () => {
  it('makes the outbox’s partitions ahead, by the day in UTC', async () => {
    const ahead = new Date(systemClock.now().getTime() + 20 * DAY);
    await keepHouseNow(ahead);
    const name = `outbox_${new Date(ahead.getTime() + 14 * DAY).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const { rows } = await sql<{ found: string | null }>`SELECT to_regclass(${name})::text AS found`.execute(
      fixture.database.admin,
    );
    expect(rows[0]!.found).toBe(name);
  });

  it('deletes idempotency keys after seven days and inbox rows after thirty', async () => {
    const key = (name: string, age: number) => ({
      tenant_id: TENANT,
      caller: 'c',
      key: name,
      fingerprint: Buffer.alloc(1),
      status: 202,
      answer: json({}),
      created_at: daysAgo(age),
    });
    await fixture.database.admin
      .insertInto('idempotency_keys')
      .values([...Array.from({ length: 1_200 }, (_, i) => key(`old-${i}`, 8)), key('young', 6)])
      .execute();
    const row = (age: number) => ({ consumer: 'bridge', tenant_id: TENANT, event_id: newId(), taken_at: daysAgo(age) });
    await fixture.database.admin
      .insertInto('inbox')
      .values([row(31), row(29)])
      .execute();
    await keepHouseNow();
    const keys = await fixture.database.admin.selectFrom('idempotency_keys').select('key').execute();
    expect(keys).toEqual([{ key: 'young' }]);
    const inbox = await fixture.database.admin.selectFrom('inbox').select('taken_at').execute();
    expect(inbox.map(({ taken_at }) => taken_at > daysAgo(30))).toEqual([true]);
  });
});
