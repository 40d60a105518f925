import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { createOwner, type IssuerOwner } from '../../../tools/owner/create-owner.js';
import { exitCodeOf } from '../../../tools/owner/owner.errors.js';
import { readWish } from '../../../tools/owner/owner-wish.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let founder: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  founder = openDatabase({ url: database.urlFor('founder'), poolSize: 2 }, 'test');
});
afterEach(async () => {
  await founder?.destroy();
  await database?.drop();
});

const ISSUER = ['--issuer', 'https://login.example', '--client-id', 'stellwerk'];
const words = (mail: string, ...more: string[]) => [
  'create',
  ...['--mail', mail, '--name', 'Anna Weber', '--subject', mail, '--by', 'root on vm1'],
  ...more,
];
const create = async (...all: string[]) => createOwner(founder, readWish(all) as IssuerOwner);
const refusal = (all: string[]): Promise<[string, number]> =>
  create(...all).then(
    () => ['done', 0],
    (error: { code: string }) => [error.code, exitCodeOf(error)],
  );
const first = () => create(...words('anna@signalhaus.example', ...ISSUER));

describe('the first owner', () => {
  it('of an empty installation is made by a command, with role, issuer and a record of all of it', async () => {
    expect(await first()).toMatchObject({ tenant: 'msp', subject: 'anna@msp', provider: 'first' });
    const { admin } = database;
    const grants = await admin.selectFrom('role_grants').select(['role', 'covers', 'granted_by']).execute();
    expect(grants).toEqual([{ role: 'owner', covers: 'all', granted_by: 'command:owner' }]);
    const identities = await admin.selectFrom('person_identities').select(['subject', 'linked_by']).execute();
    expect(identities).toEqual([{ subject: 'anna@signalhaus.example', linked_by: 'command:owner' }]);
    const entries = await admin.selectFrom('audit_entries').select(['action', 'actor', 'origin']).execute();
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'identity.linked',
      'identity_provider.created',
      'outgoing_policy.changed',
      'owner.created',
    ]);
    // else nobody could come in to open the way to where they sign in
    const ways = await admin
      .selectFrom('outgoing_allowances')
      .select(['tenant_id', 'host', 'ports', 'protocols'])
      .execute();
    expect(ways).toEqual([{ tenant_id: 'msp', host: 'login.example', ports: [443], protocols: ['http'] }]);
    expect(entries.find(({ action }) => action === 'owner.created')).toMatchObject({
      actor: 'command:owner',
      origin: 'root on vm1',
    });
  });

  it('is not followed by another one without a reason, which stays on record', async () => {
    await first();
    const again = words('eve@signalhaus.example', ...ISSUER);
    expect(await refusal(again)).toEqual(['owner.exists', 3]);
    expect(await refusal([...again, '--another'])).toEqual(['owner.usage', 2]);
    await create(...again, '--another', '--reason', 'Anna has left.');
    const { rows } =
      await sql`SELECT FROM audit_entries WHERE reason = 'Anna has left.' AND action = 'owner.created'`.execute(
        database.admin,
      );
    expect(rows).toHaveLength(1);
  });

  it('is one of two that are made at the same time', async () => {
    await first();
    await database.admin.updateTable('people').set({ status: 'locked' }).execute();
    const two = ['a', 'b'].map((name) => refusal(words(`${name}@signalhaus.example`, ...ISSUER)));
    expect((await Promise.all(two)).map(([code]) => code).sort()).toEqual(['done', 'owner.exists']);
  });

  it.each<[string, string[], string, number]>([
    ['without a provider', words('x@y.example', '--issuer', 'https://login.example'), 'owner.no_provider', 4],
    ['without TLS', words('x@y.example', '--issuer', 'http://login.example'), 'owner.usage', 2],
    ['with a made-up option', words('x@y.example', '--password', 'x'), 'owner.usage', 2],
    ['with a name of two lines', words('x@y.example', ...ISSUER, '--name', 'a\nb'), 'owner.usage', 2],
  ])('is refused %s, and nothing is left', async (_what, all, code, exit) => {
    expect(await refusal(all)).toEqual([code, exit]);
    expect(await database.admin.selectFrom('people').select('id').execute()).toEqual([]);
  });
});

describe('whoever has the command’s database password', () => {
  it('reaches no customer, and changes or deletes nothing', async () => {
    await first();
    const { admin } = database;
    await admin
      .insertInto('tenants')
      .values({ id: 'muster', kind: 'customer', name: 'Muster', time_zone: 'Europe/Berlin' })
      .execute();
    const person = sql`INSERT INTO people (tenant_id, id, subject, display_name, source) VALUES ('muster', gen_random_uuid(), 'x@muster', 'x', 'command')`;
    await expect(inTenants(founder, ['muster'], (tx) => person.execute(tx))).rejects.toThrow(/row-level security/);
    const denied = [
      sql`SELECT body FROM requests`,
      sql`UPDATE people SET status = 'locked'`,
      sql`DELETE FROM role_grants`,
    ];
    for (const statement of denied)
      await expect(inTenants(founder, ['msp'], (tx) => statement.execute(tx))).rejects.toThrow(/permission denied/);
  });
});
