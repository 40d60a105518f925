import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { LocalKeyRing, putSecret, sealSecret } from '#libs/platform/secrets';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import { shutOut } from '../../support/api/leaving.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
let worker: Database;
let offboarding: string;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
  await fixture.signedIn('oliver.stein');
  offboarding = await shutOut(fixture.database.admin, worker, 'muster');
});
afterAll(async () => {
  await worker?.destroy();
  await fixture?.stop();
});

const statusAt = async (browser: Browser, path: string) => (await browser.call('GET', fixture.api.url + path)).status;
const refusedTo = async (user: string) => JSON.parse((await fixture.signIn(new Browser(), user)).text).code;
const byWorker = (name: 'destroy_credentials_of_tenant' | 'close_fetching_of_tenant') =>
  inTenants(worker, ['muster'], (tx) => sql`SELECT ${sql.raw(name)}('muster', ${offboarding})`.execute(tx));
const openSecrets = async () => {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM secrets WHERE tenant_id = 'muster' AND ciphertext IS NOT NULL`.execute(fixture.database.admin);
  return rows.map(({ name }) => name);
};

describe('of a customer that leaves', () => {
  it('an administrator signs in anew at their issuer, for the handover and nothing else', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    expect(await statusAt(browser, '/v1/tenants/muster/exports')).toBe(200);
    expect(await statusAt(browser, '/v1/tenants/muster/offboarding')).toBe(200);
    expect(await statusAt(browser, '/v1/requests')).toBe(403);
    expect(await statusAt(browser, '/v1/people')).toBe(403);
  });

  it('nobody else does, whether known or new, and no person is made of them', async () => {
    expect(await refusedTo('oliver.stein')).toBe('sign_in.not_admitted');
    expect(await refusedTo('markus.hoffmann')).toBe('sign_in.not_admitted');
    const { rows } = await sql<{ subject: string }>`
      SELECT subject FROM people WHERE tenant_id = 'muster' AND source = 'issuer' ORDER BY 1`.execute(
      fixture.database.admin,
    );
    expect(rows.map(({ subject }) => subject)).toEqual(['oliver.stein@muster', 'petra.vogelsang@muster']);
  });

  it('what we sign in by at its issuer is kept while the handover is fetched, and is destroyed then', async () => {
    const { admin } = fixture.database;
    const keys = LocalKeyRing.fromText(randomBytes(32).toString('base64'), 'test');
    for (const name of ['directory-bind', 'sign-in-demo']) {
      const sealed = await sealSecret(keys, 'muster', name, 'Junk-passw0rd-1');
      await inTenants(admin, ['muster'], (tx) => putSecret(tx, { tenant: 'muster', name, by: 'test' }, sealed));
    }
    await byWorker('destroy_credentials_of_tenant');
    expect(await openSecrets()).toEqual(['sign-in-demo']);
    await byWorker('close_fetching_of_tenant');
    expect(await openSecrets()).toEqual([]);
    expect(await refusedTo('petra.vogelsang')).toBe('sign_in.no_provider');
  });
});
