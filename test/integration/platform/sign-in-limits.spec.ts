import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { AppError } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { keyedMarkOf, markOf, SharedSignInLimits, SignInTooOften, type SignInAttempt } from '#libs/platform/limits';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const KEY = Buffer.alloc(32, 7);
const key = () => Promise.resolve(KEY);
let database: TestDatabase;
let pools: Database[];
/** As two instances of the API see it. */
let instances: SharedSignInLimits[];

beforeAll(async () => {
  database = await createTestDatabase();
  pools = [0, 1].map(() => openDatabase({ url: database.urlFor('api'), poolSize: 8 }, 'sign-in-test'));
  instances = pools.map((pool) => new SharedSignInLimits(pool, key));
});
afterAll(async () => {
  await Promise.all((pools ?? []).map((pool) => pool.destroy()));
  await database?.drop();
});

let turn = 0;
/** Tries once, at the instances by turns. Gives whether the proof was looked at. */
async function attempt(of: SignInAttempt, right = false): Promise<boolean> {
  const limits = instances[(turn += 1) % 2]!;
  try {
    const begun = await limits.begin(of);
    if (right) await begun.succeeded();
    return true;
  } catch (error) {
    if (error instanceof SignInTooOften) return false;
    throw error;
  }
}

async function guesses(count: number, of: (n: number) => SignInAttempt): Promise<number> {
  let looked = 0;
  for (let n = 0; n < count; n++) if (await attempt(of(n))) looked += 1;
  return looked;
}

/** How many more attempts than at once may be looked at after so many seconds: pauses are 1, 2, 4, … seconds long. */
function earnedSince(begun: number): number {
  return Math.floor(Math.log2((performance.now() - begun) / 1_000 + 1));
}

const attacker = (n: number): string => `203.0.113.${n % 250}`;

describe('an attacker', () => {
  it('cannot lock a known person out, however often it guesses at them', async () => {
    const anna = { account: 'anna@muster.example', address: '198.51.100.10' };
    expect(await attempt(anna, true)).toBe(true);
    const begun = performance.now();
    const looked = await guesses(40, (n) => ({ account: 'Anna@muster.example', address: attacker(n) }));
    expect(looked).toBeLessThanOrEqual(7 + earnedSince(begun));
    expect(await attempt(anna, true)).toBe(true);
  });

  it('cannot lock out a person who is known by a device, behind the same address', async () => {
    const shared = '198.51.100.20';
    const ben = { account: 'ben@muster.example', address: shared, device: 'a cookie of Ben’s browser' };
    await attempt(ben, true);
    await guesses(30, () => ({ account: 'ben@muster.example', address: shared }));
    expect(await attempt(ben, true)).toBe(true);
  });

  it('with guesses made at once gets no more of them than one after the other', async () => {
    const account = 'carla@muster.example';
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => attempt({ account, address: attacker(n) })));
    expect(answers.filter(Boolean).length).toBeLessThanOrEqual(6 + earnedSince(begun));
  });

  it('who tries one password on many accounts is slowed down by its address', async () => {
    const begun = performance.now();
    const looked = await guesses(60, (n) => ({ account: `person${n}@muster.example`, address: '198.51.100.30' }));
    expect(looked).toBeLessThanOrEqual(22 + earnedSince(begun));
  });

  it('who forges tokens of links, which name no account, is slowed down too', async () => {
    const begun = performance.now();
    const looked = await guesses(60, () => ({ account: null, address: '198.51.100.40' }));
    expect(looked).toBeLessThanOrEqual(22 + earnedSince(begun));
  });

  it('waits longer after each failure, and is told how long', async () => {
    const account = 'dora@muster.example';
    await guesses(5, (n) => ({ account, address: attacker(n) }));
    await sql`UPDATE sign_in_failures SET failures = 9, failed_at = clock_timestamp()`.execute(database.admin);
    const error = await instances[0]!.begin({ account, address: attacker(99) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'limits.sign_in_delayed' });
    // 16, less what has passed since
    const { retryAfterSeconds } = error as SignInTooOften;
    expect(retryAfterSeconds).toBeLessThanOrEqual(16);
    expect(retryAfterSeconds).toBeGreaterThan(8);
  });
});

describe('somebody who mistypes', () => {
  it('is not slowed down for a few times, and success ends it', async () => {
    const emil = { account: 'emil@muster.example', address: '198.51.100.50' };
    expect(await guesses(4, () => emil)).toBe(4);
    expect(await attempt(emil, true)).toBe(true);
    expect(await guesses(4, () => emil)).toBe(4);
    expect(await attempt(emil, true)).toBe(true);
  });

  it('does not pay for an attempt that was withdrawn', async () => {
    const fritz = { account: 'fritz@muster.example', address: '198.51.100.60' };
    for (let n = 0; n < 40; n++) await (await instances[0]!.begin(fritz)).withdraw();
    expect(await attempt(fritz)).toBe(true);
  });
});

describe('what is counted', () => {
  it('holds no name and no address, and is forgotten', async () => {
    const { rows } = await sql<{ row: string }>`
      SELECT to_jsonb(f)::text AS row FROM sign_in_failures f UNION ALL SELECT to_jsonb(p)::text FROM sign_in_places p`.execute(
      database.admin,
    );
    expect(rows.map(({ row }) => row).join('\n')).not.toMatch(/muster|198\.51|203\.0/);
    await sql`UPDATE sign_in_failures SET failed_at = now() - interval '25 hours'`.execute(database.admin);
    await sql`SELECT forget_limits()`.execute(database.admin);
    expect(await database.admin.selectFrom('sign_in_failures').selectAll().execute()).toEqual([]);
  });

  it('cannot be guessed back from a dump by trying names: without the key no mark is anybody’s', async () => {
    const anna = { account: 'anna@muster', address: '198.51.100.80' };
    expect(await attempt(anna, true)).toBe(true);
    const { rows } = await sql<{ mark: string }>`
      SELECT account AS mark FROM sign_in_places UNION SELECT place FROM sign_in_places UNION SELECT ref FROM sign_in_failures`.execute(
      database.admin,
    );
    const marks = rows.map(({ mark }) => mark);
    expect(marks).toContain(keyedMarkOf(KEY, 'account', 'anna@muster'));
    for (const parts of [
      ['account', 'anna@muster'],
      ['place', '198.51.100.80'],
      ['address', '198.51.100.80'],
    ])
      expect(marks).not.toContain(markOf(...parts));
  });

  it('goes with the account that is forgotten, and with nobody else’s', async () => {
    const [gone, stays] = ['gone@muster', 'stays@muster'].map((account) => ({ account, address: '198.51.100.90' }));
    for (const one of [gone!, stays!]) expect(await attempt(one, true)).toBe(true);
    const forgotten = await pools[0]!.transaction().execute((tx) => instances[0]!.forget(tx, ['Gone@muster']));
    // its place, and the count of what failed at it from elsewhere
    expect(forgotten).toBe(2);
    const left = await database.admin.selectFrom('sign_in_places').select('account').execute();
    const accounts = left.map(({ account }) => account);
    expect(accounts).not.toContain(keyedMarkOf(KEY, 'account', 'gone@muster'));
    expect(accounts).toContain(keyedMarkOf(KEY, 'account', 'stays@muster'));
  });

  it('goes on per instance while the key cannot be had', async () => {
    class RingAway extends AppError {
      readonly code = 'test.ring_away';
      readonly title = 'Away';
      readonly kind = 'unavailable';
    }
    const alone = new SharedSignInLimits(
      pools[0]!,
      () => Promise.reject(new RingAway('Away.')),
      () => 0,
    );
    const of = { account: 'hans@muster.example', address: '198.51.100.75' };
    for (let n = 0; n < 5; n++) await alone.begin(of);
    await expect(alone.begin(of)).rejects.toThrow(SignInTooOften);
  });

  it('goes on per instance while the database is away', async () => {
    const nobody = openDatabase({ url: 'postgres://stellwerk_api:x@127.0.0.1:1/none', poolSize: 1 }, 'sign-in-test');
    let now = 0;
    const alone = new SharedSignInLimits(nobody, key, () => now);
    const of = { account: 'gerd@muster.example', address: '198.51.100.70' };
    for (let n = 0; n < 5; n++) await alone.begin(of);
    await expect(alone.begin(of)).rejects.toThrow(SignInTooOften);
    now += 2_000;
    await alone.begin(of);
    await nobody.destroy();
  });
});
