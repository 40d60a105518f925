import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import {
  LocalKeyRing,
  PayloadKeys,
  putSecret,
  rotateMasterKey,
  RotationUnderWay,
  SealedValues,
  sealSecret,
  statusOfKeys,
  StoredSecrets,
  type RotationProgress,
} from '#libs/platform/secrets';
import { drawSecret, insertSubscription, keepSecret, openSecrets, sealedSecrets } from '#libs/webhooks';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';

const VALUES = 120;

let database: TestDatabase;
const dir = mkdtempSync(join(tmpdir(), 'stellwerk-rotation-'));
const file = join(dir, 'master.key');
const pools: Database[] = [];
/** What the receiver was shown: the secret before signs along still. */
const hook = { id: '', secrets: [] as string[] };
const first = randomBytes(32).toString('base64');

function open(role: AppRole): Database {
  const pool = openDatabase({ url: database.urlFor(role), poolSize: 8 }, 'rotation-test');
  pools.push(pool);
  return pool;
}

const owner = (index: number): string => `alpha/run/${index}`;

beforeAll(async () => {
  writeFileSync(file, `${first}\n`, { mode: 0o600 });
  database = await createTestDatabase();
  await sql`INSERT INTO tenants (id, kind, name, time_zone) VALUES ('alpha', 'customer', 'alpha', 'UTC')`.execute(
    database.admin,
  );
  const ring = LocalKeyRing.fromFile(file);
  const sealed = new SealedValues(open('worker'), ring);
  await Promise.all(
    Array.from({ length: VALUES }, (_, n) => sealed.sealOnce('alpha', owner(n), 'x', () => `value ${n}`)),
  );
  await setSecret('ldap', 'bind password', ring);
  await subscribe(ring);
  await new PayloadKeys(open('worker'), ring).current('alpha');
});
afterAll(async () => {
  for (const pool of pools) await pool.destroy();
  await database?.drop();
  rmSync(dir, { recursive: true });
});

async function setSecret(name: string, value: string, ring: LocalKeyRing): Promise<void> {
  const kept = await sealSecret(ring, 'alpha', name, value);
  await inTenants(open('api'), ['alpha'], (tx) => putSecret(tx, { tenant: 'alpha', name, by: 'admin@alpha' }, kept));
}

/** A receiver of webhooks whose secret was exchanged once: two sign. */
async function subscribe(ring: LocalKeyRing): Promise<void> {
  const drawn = [await drawSecret(ring, 'alpha'), await drawSecret(ring, 'alpha')];
  const wish = { url: 'https://psa.example/hook', eventTypes: ['de.stellwerk.run.ended.v1'], description: null };
  await inTenants(open('api'), ['alpha'], async (tx) => {
    const subscription = await insertSubscription(tx, 'alpha', wish, 'admin@alpha');
    hook.id = subscription.id;
    for (const secret of drawn) await keepSecret(tx, subscription, secret, 24);
  });
  hook.secrets = drawn.map(({ secret }) => secret).reverse();
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** The command as operators run it; `onText` may kill it. */
function secrets(words: string[], onText: (text: string, kill: () => void) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/tools/secrets/main.js'), ...words], {
    env: {
      PATH: process.env['PATH'],
      STELLWERK_DATABASE_URL: database.urlFor('keeper'),
      STELLWERK_MASTER_KEY_FILE: file,
    },
  });
  let output = '';
  const collect = (text: Buffer): void => {
    output += text.toString();
    onText(output, () => child.kill('SIGKILL'));
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, output })));
}

describe('a rotation of the master key', () => {
  it('that is killed in the middle goes on where it was; nothing is lost, and the old key is needed no more', async () => {
    const keeper = open('keeper');
    const [killed, halfway] = await database.admin.transaction().execute(async (tx) => {
      // the row that would be the last: so it is still under way when it is killed
      await sql`SELECT FROM sealed_values ORDER BY tenant_id DESC, owner DESC, name DESC LIMIT 1 FOR UPDATE`.execute(
        tx,
      );
      const ended = await secrets(['rotate', '--batch', '20'], (text, kill) => {
        if (/sealed_values: \d+ of/.test(text)) kill();
      });
      return [ended, await statusOfKeys(keeper, LocalKeyRing.fromFile(file))] as const;
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(halfway).toMatchObject({ current: 'local:2', missing: [], removable: [] });
    expect(halfway.counts.filter(({ table }) => table === 'sealed_values').map(({ keyId }) => keyId)).toEqual([
      'local:1',
      'local:2',
    ]);
    // somebody goes on working meanwhile, with a program that read the keys before
    await setSecret('ldap', 'another password', LocalKeyRing.fromText(first, 'an old program'));
    const resumed = await secrets(['rotate']);
    expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining('went on with local:2') });
    expect(resumed.output).toContain('webhook_secrets: 2 of 2');
    expect(resumed.output).toContain('local:1 is needed by nothing here');
    const [onlyNew] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${onlyNew}\n`);
    expect(await secrets(['status'])).toMatchObject({ code: 0 });
    await everythingOpens('another password');
  });

  it('keeps a row that was changed while it was being exchanged', async () => {
    const ring = LocalKeyRing.fromFile(file);
    const slow = Object.assign(Object.create(ring) as LocalKeyRing, {
      rewrap: async (...args: Parameters<LocalKeyRing['rewrap']>) => {
        const next = await ring.rewrap(...args);
        // between our look and our write
        if (args[1].toString().includes('"ldap"')) await setSecret('ldap', 'set in between', ring);
        return next;
      },
    });
    const result = await rotateMasterKey(open('keeper'), slow, () => undefined);
    expect(result).toMatchObject({ keyId: 'local:3', resumed: false, left: [] });
    await everythingOpens('set in between');
  });

  it('names what it cannot take along, and says that an old key is still needed', async () => {
    const lost = LocalKeyRing.fromText(`9:${randomBytes(32).toString('base64')}`, 'lost');
    await setSecret('lost', 'x', lost);
    const rotated = await secrets(['rotate']);
    expect(rotated.code).toBe(1);
    expect(rotated.output).toContain('left: secrets alpha / lost / 1');
    expect(rotated.output).toContain('local:9 is needed and not there');
    expect(rotated.output).not.toMatch(/[A-Za-z0-9+/]{43}=/);
  });

  it('is not held up for good by a row that no key here opens', async () => {
    const before = await LocalKeyRing.fromFile(file).current();
    const rotated = await secrets(['rotate']);
    expect(rotated.output).toContain('left: secrets alpha / lost / 1');
    expect(rotated.output).toMatch(/new master key local:\d+; [1-9]/);
    expect(await LocalKeyRing.fromFile(file).current()).not.toBe(before);
    await everythingOpens('set in between');
  });

  it('makes a new key at once when it is told to, although some rows are behind', async () => {
    await setSecret('ldap', 'set by an old program', olderRing());
    const before = await LocalKeyRing.fromFile(file).current();
    expect((await secrets(['rotate', '--new-key'])).output).toMatch(/new master key local:\d+/);
    expect(await LocalKeyRing.fromFile(file).current()).not.toBe(before);
    await everythingOpens('set by an old program');
  });

  it('is done by one at a time: a second would make a second key', async () => {
    const ring = LocalKeyRing.fromFile(file);
    const [first, second] = [open('keeper'), open('keeper')];
    const results = await Promise.allSettled(
      [first, second].map((keeper) => rotateMasterKey(keeper, ring, () => undefined)),
    );
    const [refused] = results.filter((result) => result.status === 'rejected');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(refused!.reason).toBeInstanceOf(RotationUnderWay);
    await everythingOpens('set by an old program');
  });

  it('that dies between the new key and the first row is taken up', async () => {
    const ring = LocalKeyRing.fromFile(file);
    const dying = Object.assign(Object.create(ring) as LocalKeyRing, {
      rewrap: () => Promise.reject(new Error('killed')),
    });
    await expect(rotateMasterKey(open('keeper'), dying, () => undefined)).rejects.toThrow('killed');
    const current = await ring.current();
    expect(await rotateMasterKey(open('keeper'), ring, () => undefined)).toMatchObject({
      keyId: current,
      resumed: true,
    });
    await everythingOpens('set by an old program');
  });

  it.each(['payload_keys', 'secrets', 'sealed_values'])('that dies within %s is taken up', async (table) => {
    const ring = LocalKeyRing.fromFile(file);
    const die = (progress: RotationProgress): void => {
      if (progress.table === table) throw new Error('killed');
    };
    const before = await ring.current();
    await expect(rotateMasterKey(open('keeper'), ring, die, { batch: 1 })).rejects.toThrow('killed');
    const resumed = await rotateMasterKey(open('keeper'), ring, () => undefined);
    expect(resumed.keyId).not.toBe(before);
    expect(resumed.resumed).toBe(true);
    await everythingOpens('set by an old program');
  });

  it('lets its role read no value and write nothing else', async () => {
    const keeper = open('keeper');
    for (const table of ['sealed_values', 'secrets', 'webhook_secrets'])
      await expect(sql`SELECT ciphertext FROM ${sql.table(table)}`.execute(keeper)).rejects.toThrow(
        /permission denied/,
      );
    await expect(sql`UPDATE secrets SET set_by = 'x'`.execute(keeper)).rejects.toThrow(/permission denied/);
    await expect(sql`DELETE FROM payload_keys`.execute(keeper)).rejects.toThrow(/permission denied/);
    await expect(sql`SELECT FROM requests`.execute(keeper)).rejects.toThrow(/permission denied/);
  });
});

/** What a program holds that has read the keys before the newest was made. */
function olderRing(): LocalKeyRing {
  const text = readFileSync(file, 'utf8').split('\n').slice(1).join('\n');
  return LocalKeyRing.fromText(text, 'an old program');
}

async function everythingOpens(password: string): Promise<void> {
  const ring = LocalKeyRing.fromFile(file);
  const worker = open('worker');
  const sealed = new SealedValues(worker, ring);
  for (let n = 0; n < VALUES; n += 7) expect(await sealed.read('alpha', owner(n), 'x')).toBe(`value ${n}`);
  expect(await new StoredSecrets(worker, ring, null).resolve('alpha', 'secret://ldap')).toBe(password);
  expect((await new PayloadKeys(worker, ring).find('alpha', 1)).bytes).toHaveLength(32);
  const signing = await inTenants(worker, ['alpha'], (tx) => sealedSecrets(tx, 'alpha', hook.id));
  expect(await openSecrets(ring, signing)).toEqual(hook.secrets);
}
