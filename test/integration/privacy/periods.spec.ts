import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { systemClock } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { createLogger } from '#libs/platform/observability';
import { AVAILABLE_DAYS, DATA_MAP } from '#libs/tenancy';
import { keepHouse } from '../../../apps/bridge/housekeeping.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { plant } from '../api/scan/tenant-tables.js';

let database: TestDatabase;
let bridge: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  bridge = openDatabase({ url: database.urlFor('bridge'), poolSize: 1 }, 'test-bridge');
  const tenant = { id: 'muster', name: 'Muster', kind: 'customer', time_zone: 'Europe/Berlin' } as const;
  await database.admin.insertInto('tenants').values(tenant).execute();
  await plant(database.admin, 'muster', 'x');
  await database.admin.connection().execute(async (connection) => {
    await sql`SET session_replication_role = replica`.execute(connection);
    // of a run that is made up nothing can be told when its link expires
    await sql`UPDATE one_time_links SET revoked_at = now()`.execute(connection);
    await sql`UPDATE webhook_deliveries SET status = 'failed', ended_at = now()`.execute(connection);
    await sql`
      INSERT INTO sessions (tenant_id, id, token_hash, person_id, method, second_factor, idle_minutes, expires_at)
      VALUES ('muster', gen_random_uuid(), sha256('x'), gen_random_uuid(), 'passkey', true, 60, now())`.execute(
      connection,
    );
    await sql`RESET session_replication_role`.execute(connection);
  });
});
afterAll(async () => {
  await bridge?.destroy();
  await database?.drop();
});

const DAY_HOURS = 24;
const TABLES = Object.entries(DATA_MAP).flatMap(([table, { kept }]) =>
  typeof kept === 'object' && 'days' in kept ? [{ table, days: kept.days }] : [],
);
/** What goes by other ways than housekeeping, and where that is tried. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  audit_waiting: 'emptied by the chain: test/integration/audit',
  webhook_attempts: 'with their delivery',
  tenant_export_chunks: 'by the workflow of the export: test/workflow/handover.spec.ts',
};

/** Makes every row so much older, by every instant that it has. */
async function age(table: string, hours: number): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    SELECT attname AS name FROM pg_attribute WHERE attrelid = ${table}::regclass AND attnum > 0 AND NOT attisdropped
      AND atttypid = 'timestamptz'::regtype AND attgenerated = ''`.execute(database.admin);
  await database.admin.connection().execute(async (connection) => {
    await sql`SET session_replication_role = replica`.execute(connection);
    const changes = rows.map(
      ({ name }) => sql`${sql.ref(name)} = ${sql.ref(name)} - ${hours}::int * interval '1 hour'`,
    );
    if (changes.length > 0) await sql`UPDATE ${sql.table(table)} SET ${sql.join(changes)}`.execute(connection);
    await sql`RESET session_replication_role`.execute(connection);
  });
}

const isEmpty = async (table: string): Promise<boolean> =>
  (await sql`SELECT FROM ${sql.table(table)} LIMIT 1`.execute(database.admin)).rows.length === 0;

async function emptied(tables: readonly string[]): Promise<string[]> {
  await keepHouse(bridge, systemClock.now(), createLogger('test', 'silent'));
  const gone: string[] = [];
  for (const table of tables) if (await isEmpty(table)) gone.push(table);
  return gone.sort();
}

describe('the periods of docs/privacy.md', () => {
  it('are kept by housekeeping: nothing goes before its day, everything after it', async () => {
    const kept = TABLES.filter(({ table }) => table !== 'outbox' && !(table in ELSEWHERE));
    const names = kept.map(({ table }) => table).sort();
    for (const table of names) expect([table, await isEmpty(table)]).toEqual([table, false]);
    // what goes within hours says "one day", as the most
    const lasting = kept.filter(({ days }) => days > 1);
    for (const { table, days } of lasting) await age(table, days * DAY_HOURS - 1);
    expect(await emptied(lasting.map(({ table }) => table))).toEqual([]);
    for (const { table, days } of kept) await age(table, days > 1 ? 2 : DAY_HOURS + 1);
    expect(await emptied(names)).toEqual(names);
  });

  it('are those of the workflows that delete by themselves', () => {
    expect(DATA_MAP['tenant_export_chunks']!.kept).toEqual({ days: AVAILABLE_DAYS });
  });

  it('hold for events by days of theirs, which go as a whole', async () => {
    const { days } = TABLES.find(({ table }) => table === 'outbox')!;
    await sql`UPDATE outbox SET sent_at = now()`.execute(database.admin);
    const inDays = (count: number): Date => new Date(systemClock.now().getTime() + count * DAY_HOURS * 3_600_000);
    const logger = createLogger('test', 'silent');
    await keepHouse(bridge, inDays(days), logger);
    expect(await isEmpty('outbox')).toBe(false);
    await keepHouse(bridge, inDays(days + 1), logger);
    expect(await isEmpty('outbox')).toBe(true);
  });

  it('are told of every table that housekeeping empties', async () => {
    const others = Object.keys(DATA_MAP).filter((table) => !TABLES.some((kept) => kept.table === table));
    const empty = await emptied(others);
    const planted = others.filter((table) => !empty.includes(table));
    expect(planted.length).toBeGreaterThan(40);
    for (const table of planted) await age(table, 20 * 365 * DAY_HOURS);
    expect(await emptied(planted)).toEqual([]);
  });
});
