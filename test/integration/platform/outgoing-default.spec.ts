import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { OUTGOING_PROTOCOLS, OutgoingGuards, putPolicy, readPolicy, readPlace } from '#libs/platform/outgoing';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const MIGRATION = new URL('../../../libs/platform/database/migrations/0073-outgoing-listed.sql', import.meta.url);
const FRESH = 'fresh';

let database: TestDatabase;
let api: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  api = openDatabase({ url: database.urlFor('api'), poolSize: 2 }, 'test');
  const tenant = { id: FRESH, kind: 'customer' as const, name: FRESH, time_zone: 'UTC' };
  await database.admin.insertInto('tenants').values(tenant).execute();
});
afterAll(async () => {
  await api?.destroy();
  await database?.drop();
});

/** What a connection to a public address comes to; the name stands for one. */
async function reach(host: string, protocol: (typeof OUTGOING_PROTOCOLS)[number], tenant = FRESH): Promise<string> {
  const guard = new OutgoingGuards(api, () => Promise.resolve(['93.184.216.34'])).of(tenant);
  try {
    return (await guard.check({ host, port: 443, protocol })).address;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

const publicOf = async (tenant: string) =>
  (await inTenants(database.admin, [tenant], (tx) => readPolicy(tx, tenant))).publicAddresses;

describe('a new customer', () => {
  it.each(OUTGOING_PROTOCOLS)('is led to nothing that is not on its list, public or not, by %s', async (protocol) => {
    expect(await reach('mail.attacker.example', protocol)).toBe('outgoing.not_allowed');
    expect(await reach('93.184.216.34', protocol)).toBe('outgoing.not_allowed');
    expect(await reach('mail.attacker.example', protocol, 'msp')).toBe('outgoing.not_allowed');
  });

  it('reaches what an owner put on its list, and no more by it', async () => {
    const allowance = {
      ...readPlace('hooks.example')!,
      ports: [443],
      protocols: ['http' as const],
      reason: 'Their desk.',
    };
    const wish = { publicAddresses: 'listed' as const, allowances: [allowance] };
    await inTenants(api, [FRESH], (tx) => putPolicy(tx, FRESH, wish, 'owner@msp'));
    expect(await reach('hooks.example', 'http')).toBe('93.184.216.34');
    expect(await reach('hooks.example', 'smtp')).toBe('outgoing.not_allowed');
    expect(await reach('other.example', 'http')).toBe('outgoing.not_allowed');
  });
});

describe('customers from before', () => {
  it('keep what they had: a stored policy as it is, none as open; a fresh installation’s own does not count', async () => {
    const keep = /^INSERT[^;]*;/m.exec(readFileSync(MIGRATION, 'utf8'))![0];
    const { admin } = database;
    await admin.transaction().execute(async (tx) => {
      await sql`DELETE FROM outgoing_allowances`.execute(tx);
      await sql`DELETE FROM outgoing_policies`.execute(tx);
      await sql`DELETE FROM tenants WHERE kind = 'customer'`.execute(tx);
      await sql.raw(keep).execute(tx);
      expect((await sql`SELECT FROM outgoing_policies`.execute(tx)).rows).toEqual([]);
      const row = (id: string) => ({ id, kind: 'customer' as const, name: id, time_zone: 'UTC' });
      await tx
        .insertInto('tenants')
        .values([row('listed'), row('unset')])
        .execute();
      await sql`INSERT INTO outgoing_policies (tenant_id, public_addresses, set_by) VALUES ('listed', 'listed', 'x')`.execute(
        tx,
      );
      await sql.raw(keep).execute(tx);
    });
    expect([await publicOf('listed'), await publicOf('unset'), await publicOf('msp')]).toEqual([
      'listed',
      'open',
      'open',
    ]);
  });
});
