import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase, type Database } from '#libs/platform/database';
import { LocalKeyRing, PayloadKeys, type KeyRing, type PayloadKeysOptions } from '#libs/platform/secrets';
import { classifyTemporalError } from '#libs/platform/temporal';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

let database: TestDatabase;
const pools: Database[] = [];
const ring = LocalKeyRing.fromText(randomBytes(32).toString('base64'), 'test');

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const pool of pools) await pool.destroy();
  await database?.drop();
});

function keysOf(role: AppRole, options: PayloadKeysOptions & { ring?: KeyRing; url?: string } = {}): PayloadKeys {
  const pool = openDatabase({ url: options.url ?? database.urlFor(role), poolSize: 4 }, 'payload-keys-test');
  pools.push(pool);
  return new PayloadKeys(pool, options.ring ?? ring, options);
}

const MINUTE = 60_000;

/** A ring and a clock that the test moves. */
function movable() {
  const state = { now: 0, away: false, asked: 0 };
  const wavering: KeyRing = Object.assign(Object.create(ring) as KeyRing, {
    unwrap: (...args: Parameters<KeyRing['unwrap']>) => {
      state.asked += 1;
      return state.away ? Promise.reject(new Error('away')) : ring.unwrap(...args);
    },
  });
  return { state, ring: wavering, clock: () => state.now };
}

describe('the keys of payloads', () => {
  it('are made once for a tenant, whoever comes first, and are the same for bridge, worker and api', async () => {
    const [bridge, worker] = [keysOf('bridge'), keysOf('worker')];
    const made = await Promise.all([bridge.current('alpha'), worker.current('alpha'), bridge.current('alpha')]);
    expect(new Set(made.map(({ version, bytes }) => `${version} ${bytes.toString('hex')}`)).size).toBe(1);
    expect((await keysOf('api').find('alpha', 1)).bytes).toEqual(made[0].bytes);
    expect((await bridge.current('beta')).bytes).not.toEqual(made[0].bytes);
    expect((await worker.current('stellwerk')).version).toBe(1);
  });

  it('go on after 90 days; what was encrypted before still opens', async () => {
    const before = await keysOf('worker').current('old');
    await sql`UPDATE payload_keys SET created_at = now() - interval '91 days' WHERE tenant_id = 'old'`.execute(
      database.admin,
    );
    const keys = keysOf('worker');
    expect(await keys.current('old')).toMatchObject({ version: 2 });
    expect((await keys.find('old', 1)).bytes).toEqual(before.bytes);
  });

  it('copied to another tenant do not open', async () => {
    await keysOf('worker').current('source');
    await sql`INSERT INTO payload_keys SELECT 'thief', version, key_id, wrapped_key FROM payload_keys WHERE tenant_id = 'source'`.execute(
      database.admin,
    );
    await expect(keysOf('worker').find('thief', 1)).rejects.toMatchObject({ code: 'secret.wrapped_key_invalid' });
  });

  it('in memory are used on while they cannot be read again, for an hour and no longer', async () => {
    const { state, ...movables } = movable();
    const keys = keysOf('worker', movables);
    const key = await keys.current('patient');
    state.away = true;
    state.now = 6 * MINUTE;
    expect(keys.current('patient')).toMatchObject({ bytes: key.bytes });
    await eventually('it was tried to read it again', () => Promise.resolve(state.asked >= 2));
    state.now = 59 * MINUTE;
    expect(await keys.current('patient')).toMatchObject({ bytes: key.bytes });
    expect(await keys.find('patient', 1)).toMatchObject({ bytes: key.bytes });
    state.now = 62 * MINUTE;
    await expect(keys.current('patient')).rejects.toThrow();
    state.away = false;
    expect(await keys.current('patient')).toMatchObject({ bytes: key.bytes });
  });

  it('of a tenant that was erased are forgotten', async () => {
    const { state, ...movables } = movable();
    const keys = keysOf('worker', movables);
    await keys.current('gone');
    await keys.find('gone', 1);
    await sql`DELETE FROM payload_keys WHERE tenant_id = 'gone'`.execute(database.admin);
    state.now = 6 * MINUTE;
    await keys.find('gone', 1);
    await eventually('it is forgotten', async () => {
      const answer = await Promise.resolve(keys.find('gone', 1)).catch((error: { code: string }) => error.code);
      return answer === 'payload.key_missing';
    });
  });

  it('that cannot be had are waited for: an event is not taken for one that cannot be delivered', async () => {
    const nobody = keysOf('bridge', { url: 'postgres://x@127.0.0.1:1/none' });
    const refused = await Promise.resolve(nobody.current('alpha')).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'payload.key_unavailable', retryable: true });
    expect(classifyTemporalError(refused)).toBe('unavailable');
    expect(classifyTemporalError(new Error('encoding failed', { cause: refused }))).toBe('unavailable');
  });
});
