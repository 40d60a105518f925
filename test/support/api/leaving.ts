import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, type Role } from '#libs/platform/access';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { LocalKeyRing, putSecret, sealSecret, StoredSecrets } from '#libs/platform/secrets';
import { PersonFactory } from './people.factory.js';
import { startApiFixture, type ApiAnswer, type ApiFixture } from './api-fixture.js';

/** A customer that leaves: the API with two owners, and the worker's side of the database with keys of its own. */
export interface LeavingFixture {
  readonly api: ApiFixture;
  /** The database as the worker sees it. */
  readonly worker: Database;
  readonly secrets: StoredSecrets;
  /** Puts a secret of Muster's in the database. */
  keep(name: string, value: string): Promise<void>;
  /** A key of a role, for a subject of choice. */
  keyFor(subject: string, role: Role, tenant: string): Promise<string>;
  /** Calls the off-boarding of a customer, as an owner: the first or the second. */
  asOwner(which: 1 | 2, method: string, path: string, body?: unknown, tenant?: string): Promise<ApiAnswer>;
  stop(): Promise<void>;
}

export async function startLeavingFixture(): Promise<LeavingFixture> {
  const api = await startApiFixture();
  const worker = openDatabase({ url: api.database.urlFor('worker'), poolSize: 6 }, 'test');
  const keys = LocalKeyRing.fromText(randomBytes(32).toString('base64'), 'test');
  const keyFor = async (subject: string, role: Role, tenant: string): Promise<string> => {
    const key = newApiKey();
    const row = { tenant_id: tenant, id: newId(), role, subject, name: 'test', key_hash: hashOfApiKey(key) };
    await api.database.admin.insertInto('api_keys').values(row).execute();
    return key;
  };
  // both have been owners before, and neither let the other in
  for (const name of ['owner', 'second'])
    await PersonFactory.at('msp').named(name).granted('owner', 'all').in(api.database.admin);
  const second = await keyFor('second@msp', 'owner', 'msp');
  // the tests' systems are on this machine
  await sql`INSERT INTO outgoing_allowances (tenant_id, id, cidr, protocols, reason, created_by)
    VALUES ('muster', ${newId()}, '127.0.0.0/8', ARRAY['ldap', 'smtp'], 'x', 'x')`.execute(api.database.admin);
  return {
    ...{ api, worker, keyFor },
    secrets: new StoredSecrets(worker, keys, null),
    keep: async (name, value) => {
      const sealed = await sealSecret(keys, 'muster', name, value);
      await inTenants(api.database.admin, ['muster'], (tx) =>
        putSecret(tx, { tenant: 'muster', name, by: 'admin@muster' }, sealed),
      );
    },
    asOwner: (which, method, path, body, tenant = 'muster') => {
      const key = which === 1 ? api.keyOf('msp/owner') : second;
      const headers = { authorization: `Bearer ${key}`, 'idempotency-key': newId() };
      return api.call(method, `/v1/tenants/${tenant}/${path}`, { body, headers });
    },
    stop: async () => {
      await worker.destroy();
      await api.stop();
    },
  };
}

/** Shuts a customer out, as when its last day is over. Gives the off-boarding's id. */
export async function shutOut(admin: Database, worker: Database, tenant: string): Promise<string> {
  const id = newId();
  await sql`INSERT INTO tenant_offboardings (tenant_id, id, status, reason, last_day, closes_at, open_runs, fetch_days, retention_days,
      requested_by, confirmed_by, confirmed_at)
    VALUES (${tenant}, ${id}, 'announced', 'The contract ended.', '2026-01-31', now(), 'finish', 30, 0, 'owner@msp', 'second@msp', now())`.execute(
    admin,
  );
  await inTenants(worker, [tenant], (tx) => sql`SELECT close_access_of_tenant(${tenant}, ${id})`.execute(tx));
  return id;
}
