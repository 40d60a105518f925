import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, isDatabaseUnavailable, openDatabase, type Database } from '#libs/platform/database';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

// long enough that a busy machine answers, and connects, within it
const SILENCE_MS = 1_500;

describe('a database that says nothing any more', () => {
  let test: TestDatabase;
  let proxy: TcpProxy;
  let database: Database;
  beforeAll(async () => {
    test = await createTestDatabase();
    const url = new URL(test.urlFor('worker'));
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    // one connection, so that the query after the silence would meet the dead one
    database = openDatabase({ url: url.href, poolSize: 1 }, 'test', { silenceMs: SILENCE_MS });
  });
  afterAll(async () => {
    await database.destroy();
    await proxy.stop();
    await test.drop();
  });

  const answer = async (): Promise<number> =>
    (await sql<{ one: number }>`SELECT 1 AS one`.execute(database)).rows[0]!.one;

  it('is given up on, as one that is away, and asked again on a connection of its own', async () => {
    expect(await answer()).toBe(1);
    proxy.silence();
    const refusal = await answer().catch((error: unknown) => error);
    expect(isDatabaseUnavailable(refusal)).toBe(true);
    expect(refusal).toMatchObject({ code: 'database.unavailable', retryable: true });
    expect(await answer()).toBe(1);
  });

  it('ends a transaction that is under way', async () => {
    const work = inTenants(database, ['nobody'], async (tx) => {
      proxy.silence();
      await sql`SELECT 1`.execute(tx);
    });
    const refusal = await work.catch((error: unknown) => error);
    expect(isDatabaseUnavailable(refusal)).toBe(true);
    expect(await answer()).toBe(1);
  });
});
