import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import {
  endSecret,
  listSecrets,
  LocalKeyRing,
  putSecret,
  SealedValues,
  sealSecret,
  SecretMissing,
  StoredSecrets,
  type SecretSource,
} from '#libs/platform/secrets';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';
import { holdersOf, wholeDatabase } from '../../support/secret-search.js';

let database: TestDatabase;
const pools: Database[] = [];
const keyText = randomBytes(32).toString('base64');
const keys = LocalKeyRing.fromText(keyText, 'test');

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['alpha', 'beta'])
    await sql`INSERT INTO tenants (id, kind, name, time_zone) VALUES (${id}, 'customer', ${id}, 'UTC')`.execute(
      database.admin,
    );
});
afterAll(async () => {
  for (const pool of pools) await pool.destroy();
  await database?.drop();
});

function open(role: AppRole): Database {
  const pool = openDatabase({ url: database.urlFor(role), poolSize: 4 }, 'secrets-test');
  pools.push(pool);
  return pool;
}

async function set(name: string, value: string, tenant = 'alpha') {
  const sealed = await sealSecret(keys, tenant, name, value);
  return inTenants(open('api'), [tenant], (tx) => putSecret(tx, { tenant, name, by: 'admin@alpha' }, sealed));
}

const nothing: SecretSource = { resolve: () => Promise.reject(new SecretMissing('not here')) };
const source = (second: SecretSource | null = nothing) => new StoredSecrets(open('worker'), keys, second);

describe('a secret in the database', () => {
  it('is resolved by its newest value; the one before is gone from every row', async () => {
    expect(await set('ldap', 'erster-Wert-123')).toMatchObject({ version: 1, lastUsedAt: null });
    expect(await set('ldap', 'zweiter-Wert-456')).toMatchObject({ version: 2 });
    expect(await source().resolve('alpha', 'secret://ldap')).toBe('zweiter-Wert-456');
    const { rows } = await sql<{ version: number }>`
      SELECT version FROM secrets WHERE tenant_id = 'alpha' AND name = 'ldap' AND ciphertext IS NOT NULL`.execute(
      database.admin,
    );
    expect(rows).toEqual([{ version: 2 }]);
    expect(holdersOf(['erster-Wert-123', 'zweiter-Wert-456', keyText], await wholeDatabase(database.admin))).toEqual(
      [],
    );
  });

  it('that two set at once has the value of one of them', async () => {
    const set2 = await Promise.all([
      set('race', 'value of one'),
      set('race', 'value of two'),
      set('race', 'value of 3'),
    ]);
    expect(set2.map(({ version }) => version).sort()).toEqual([1, 2, 3]);
    expect(await source().resolve('alpha', 'secret://race')).toMatch(/^value of/);
  });

  it('that was removed is asked of the second source, and counts on when it is set again', async () => {
    await set('mail', 'm-1');
    const end = () => inTenants(open('api'), ['alpha'], (tx) => endSecret(tx, 'alpha', 'mail', 'admin@alpha'));
    expect(await end()).toBe(1);
    expect(await end()).toBeNull();
    const file: SecretSource = { resolve: (tenant, reference) => Promise.resolve(`${tenant} ${reference}`) };
    expect(await source(file).resolve('alpha', 'secret://mail')).toBe('alpha secret://mail');
    await expect(source().resolve('alpha', 'secret://mail')).rejects.toThrow(SecretMissing);
    await expect(source(null).resolve('alpha', 'secret://mail')).rejects.toThrow(/PUT \/v1\/secrets\/mail/);
    expect(await set('mail', 'm-2')).toMatchObject({ version: 2 });
  });

  it('copied into another tenant’s row, or under another name, does not open', async () => {
    await set('vpn', 'nur für alpha');
    const copy = (tenant: string, name: string) =>
      sql`INSERT INTO secrets (tenant_id, name, version, id, key_id, wrapped_key, ciphertext, set_by)
        SELECT ${tenant}, ${name}, 1, id, key_id, wrapped_key, ciphertext, 'thief' FROM secrets
        WHERE tenant_id = 'alpha' AND name = 'vpn'`.execute(database.admin);
    await copy('beta', 'vpn');
    await copy('alpha', 'wlan');
    await expect(source().resolve('beta', 'secret://vpn')).rejects.toMatchObject({
      code: 'secret.wrapped_key_invalid',
    });
    await expect(source().resolve('alpha', 'secret://wlan')).rejects.toMatchObject({
      code: 'secret.wrapped_key_invalid',
    });
  });

  it('cannot be read back by the api, whatever it asks the database', async () => {
    await set('write-only', 'x');
    const read = (column: string) =>
      inTenants(open('api'), ['alpha'], (tx) => sql`SELECT ${sql.ref(column)} FROM secrets`.execute(tx));
    await expect(read('ciphertext')).rejects.toThrow(/permission denied/);
    await expect(read('wrapped_key')).rejects.toThrow(/permission denied/);
    const listed = await inTenants(open('api'), ['alpha', 'beta'], (tx) => listSecrets(tx, ['alpha'], ['', ''], 100));
    expect(listed.every(({ tenant }) => tenant === 'alpha')).toBe(true);
    expect(Object.keys(listed[0]!).sort()).toEqual(['lastUsedAt', 'name', 'setAt', 'setBy', 'tenant', 'version']);
  });

  it('is on record with run, step and attempt whenever a step used it, and with no value', async () => {
    await set('used', 'geheim-und-benutzt');
    const runId = newId();
    const worker = source();
    await Promise.all([
      worker.resolve('alpha', 'secret://used', { runId, stepId: 'disable_sign_in', attempt: 2 }),
      worker.resolve('alpha', 'secret://used', null),
      worker.resolve('alpha', 'secret://nothing', { runId, stepId: 'x', attempt: 1 }).catch(() => undefined),
    ]);
    const { rows } = await sql<{ actor: string; object_id: string; after: unknown }>`
      SELECT actor, object_id, after FROM audit_entries WHERE tenant_id = 'alpha' AND action = 'secret.used'`.execute(
      database.admin,
    );
    const after = { runId, stepId: 'disable_sign_in', attempt: 2 };
    expect(rows).toEqual([{ actor: 'stellwerk', object_id: 'used', after }]);
    const [name] = (await inTenants(open('api'), ['alpha'], (tx) => listSecrets(tx, ['alpha'], ['', ''], 100))).filter(
      (secret) => secret.name === 'used',
    );
    expect(name!.lastUsedAt).toBeInstanceOf(Date);
  });
});

describe('a value that was sealed before master keys had ids', () => {
  it('still opens, by the first key', async () => {
    // as it was written then: no key id, the place is tenant, owner and name
    const { encrypt } = await import('../../../libs/platform/secrets/authenticated-encryption.js');
    const place = Buffer.from(JSON.stringify(['alpha', 'alpha/run/step', 'new-password']));
    const dataKey = randomBytes(32);
    const master = Buffer.from(keyText, 'base64');
    await database.admin
      .insertInto('sealed_values')
      .values({
        tenant_id: 'alpha',
        owner: 'alpha/run/step',
        name: 'new-password',
        key_id: 'local:1',
        wrapped_key: encrypt(master, dataKey, place),
        ciphertext: encrypt(dataKey, Buffer.from('Grün-7-Tal'), place),
      })
      .execute();
    const newer = LocalKeyRing.fromText(`2:${randomBytes(32).toString('base64')},${keyText}`, 'test');
    const sealed = new SealedValues(open('worker'), newer);
    expect(await sealed.read('alpha', 'alpha/run/step', 'new-password')).toBe('Grün-7-Tal');
  });
});
