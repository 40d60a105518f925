import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { EMERGENCY_CHANGES } from '#libs/events';
import { newId } from '#libs/kernel';
import {
  insertPasskey,
  insertSession,
  ownersOfAlarm,
  raiseEmergencyChange,
  raiseEmergencyRefusal,
  raiseEmergencyUse,
} from '#libs/identity';
import { PortalAccounts } from '#libs/platform/access';
import { inTenants, openDatabase, type Database, type Transaction } from '#libs/platform/database';
import { fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';

let fixture: ApiFixture;
let asApi: Database;
let person: string;
beforeAll(async () => {
  fixture = await startApiFixture();
  asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 2 }, 'test');
  person = await PersonFactory.at('msp').named('safe').from('emergency').granted('owner', 'all').in(admin());
});
afterAll(async () => {
  await asApi?.destroy();
  await fixture?.stop();
});

const admin = () => fixture.database.admin;
const account = () => ({ tenant: 'msp', personId: person, subject: 'safe@msp' });

interface Wish {
  readonly method?: 'passkey' | 'emergency';
  readonly hours?: number;
  readonly alarmed?: boolean;
}

/** Begins a session of the emergency account as the api's database role does. */
function begin({ method = 'emergency', hours = 1, alarmed = true }: Wish = {}): Promise<string> {
  return inTenants(asApi, ['msp'], async (tx: Transaction) => {
    const id = newId();
    const session = { tenant: 'msp', id, personId: person, tokenHash: randomBytes(32), method, secondFactor: true };
    await insertSession(tx, { ...session, userAgent: null, idleMinutes: 60, hours, issuer: null });
    if (alarmed) await raiseEmergencyUse(tx, account(), id);
    return id;
  });
}

const alarms = async () =>
  (await fixture.call('GET', '/v1/alarms', { as: 'msp/auditor' })).body.items as Record<string, unknown>[];

const refuse = (refusal: string): Promise<void> =>
  inTenants(asApi, ['msp'], (tx) => raiseEmergencyRefusal(tx, account(), refusal));

const acknowledge = (id: unknown, as: 'msp/owner' | 'msp/operator' = 'msp/owner') =>
  fixture.call('POST', `/v1/alarms/${String(id)}/acknowledge`, { as, body: { reason: 'Drill of the quarter.' } });

const count = async (type: string): Promise<number> => {
  const { rows } = await sql`SELECT FROM outbox WHERE headers ->> 'ce_type' = ${`de.stellwerk.${type}.v1`}`.execute(
    admin(),
  );
  return rows.length;
};

describe('an emergency account', () => {
  it.each<[string, Wish]>([
    ['without an alarm', { alarmed: false }],
    ['for more than an hour', { hours: 2 }],
    ['as an ordinary account', { method: 'passkey' }],
  ])('does not get in %s, whatever the program does', async (_how, wish) => {
    await expect(begin(wish)).rejects.toThrow(/emergency/);
    expect(await alarms()).toEqual([]);
  });

  it('raises an alarm with its session, on record, and shows its last use', async () => {
    const session = await begin();
    expect(await alarms()).toMatchObject([
      { kind: 'emergency_account.used', session, account: { subject: 'safe@msp' }, acknowledgedAt: null },
    ]);
    expect(await count('identity.emergency_account.used')).toBe(1);
    const shown = await fixture.call('GET', `/v1/people/${person}`, { as: 'msp/owner' });
    expect(shown.body).toMatchObject({ source: 'emergency', emergencyUsedAt: expect.stringMatching(/^20\d\d-/) });
    const entries = await admin()
      .selectFrom('audit_entries')
      .select(['action', 'actor'])
      .where('object_id', '=', person)
      .execute();
    expect(entries).toEqual([{ action: 'emergency_account.used', actor: 'safe@msp' }]);
  });

  it('raises one alarm for many failed tries, and a new one after it was acknowledged', async () => {
    for (const refusal of ['not_verified', 'not_verified', 'cloned']) await refuse(refusal);
    const [alarm, ...others] = (await alarms()).filter(({ kind }) => kind === 'emergency_account.refused');
    expect([alarm, others]).toMatchObject([{ times: 3, refusal: 'cloned', session: null }, []]);
    expect(await count('identity.emergency_account.refused')).toBe(1);
    expect((await acknowledge(alarm!['id'])).status).toBe(200);
    await refuse('not_verified');
    expect(await count('identity.emergency_account.refused')).toBe(2);
  });

  it('cannot be tied to an issuer, turned into another account, or have its alarms deleted', async () => {
    await expect(sql`UPDATE people SET source = 'invitation' WHERE id = ${person}`.execute(admin())).rejects.toThrow(
      /does not change/,
    );
    await expect(inTenants(asApi, ['msp'], (tx) => sql`DELETE FROM alarms`.execute(tx))).rejects.toThrow(
      /permission denied/,
    );
    const provider = { tenant_id: 'msp', provider_id: newId(), subject: 'x', person_id: person };
    await expect(admin().insertInto('person_identities').values(provider).execute()).rejects.toThrow(/no issuer/);
  });

  it('does not count as the last owner', async () => {
    const owner = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const lock = await fixture.call('POST', `/v1/people/${owner}/lock`, { as: 'msp/owner', body: { reason: 'left' } });
    expect(lock).toMatchObject({ status: 409, body: { code: 'grant.last_owner' } });
  });
});

const keyOfSafe = () => ({
  ...{ credentialId: randomBytes(32), publicKey: randomBytes(64), counter: 0, transports: [], backedUp: false },
});
const owns = () => ({ tenant: 'msp', personId: person });
const changes = async () => (await alarms()).filter(({ kind }) => kind === 'emergency_account.changed');

describe('a change of an emergency account', () => {
  it('is one of the words that the database takes, no more and no less', async () => {
    const { rows } = await sql<{ def: string }>`
      SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conname = 'alarms_change_check'`.execute(asApi);
    const words = [...rows[0]!.def.matchAll(/'([a-z_]+)'/g)].map((match) => match[1]!);
    expect(words.sort()).toEqual([...EMERGENCY_CHANGES].sort());
  });

  it.each<[string, (tx: Transaction) => Promise<unknown>]>([
    ['locked', (tx) => sql`UPDATE people SET status = 'locked' WHERE id = ${person}`.execute(tx)],
    ['closed', (tx) => sql`UPDATE people SET status = 'closed' WHERE id = ${person}`.execute(tx)],
    ['given a key', (tx) => insertPasskey(tx, owns(), keyOfSafe(), 'Eve’s')],
    [
      'given a role',
      (tx) =>
        sql`INSERT INTO role_grants (tenant_id, id, person_id, role, covers, source, granted_by)
          VALUES ('msp', ${newId()}, ${person}, 'auditor', 'all', 'manual', 'eve@msp')`.execute(tx),
    ],
    [
      'stripped of its role',
      (tx) =>
        sql`UPDATE role_grants SET ended_at = now(), ended_by = 'eve@msp' WHERE person_id = ${person}`.execute(tx),
    ],
  ])('is refused without an alarm when it is %s, whatever the program does', async (_how, work) => {
    await expect(inTenants(asApi, ['msp'], work)).rejects.toThrow(/raises an alarm/);
    expect(await changes()).toEqual([]);
  });

  it('raises an alarm when an owner locks it, takes its keys or its role, and says who did it', async () => {
    await inTenants(asApi, ['msp'], async (tx) => {
      await insertPasskey(tx, owns(), keyOfSafe(), 'Tresor');
      await raiseEmergencyChange(tx, owns(), 'passkey_added', 'safe@msp');
    });
    const { body } = await fixture.call('GET', `/v1/people/${person}`, { as: 'msp/owner' });
    const before = await count('identity.emergency_account.changed');
    const acts: [string, string, string][] = [
      ['POST', '/lock', 'locked'],
      ['POST', '/unlock', 'unlocked'],
      ['DELETE', '/passkeys', 'passkey_removed'],
      ['DELETE', `/grants/${body.grants[0].id}`, 'role_ended'],
    ];
    const olga = await PersonFactory.at('msp').named('olga').granted('owner', 'all').in(admin());
    await inTenants(asApi, ['msp'], (tx) =>
      insertPasskey(tx, { tenant: 'msp', personId: olga }, keyOfSafe(), 'Olga’s'),
    );
    for (const [method, path, change] of acts) {
      const call = await fixture.call(method, `/v1/people/${person}${path}`, {
        as: 'msp/owner',
        body: { reason: 'x' },
      });
      expect([path, call.status]).toEqual([path, 200]);
      expect((await changes())[0]).toMatchObject({ change, changedBy: 'owner@msp', account: { id: person } });
    }
    expect(await count('identity.emergency_account.changed')).toBe(before + 4);
  });

  it('is not silenced by whoever made it while another owner is told of it', async () => {
    const [alarm] = await changes();
    expect(await acknowledge(alarm!['id'])).toMatchObject({ status: 403, body: { code: 'alarm.own' } });
    const olga = await admin()
      .selectFrom('people')
      .select('id')
      .where('subject', '=', 'olga@msp')
      .executeTakeFirstOrThrow();
    // locking her first does not help: she is told, and it is hers
    await fixture.call('POST', `/v1/people/${olga.id}/lock`, { as: 'msp/owner', body: { reason: 'x' } });
    expect(await acknowledge(alarm!['id'])).toMatchObject({ status: 403, body: { code: 'alarm.own' } });
  });

  it('is not made by the off-boarding of somebody who has its name', async () => {
    const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 1 }, 'test');
    const portal = new PortalAccounts(worker);
    await portal.close('msp', 'safe', `msp/${newId()}/close`);
    expect(await portal.find('msp', 'safe', 'x')).toMatchObject({ openKeys: 0 });
    await worker.destroy();
    expect((await fixture.call('GET', `/v1/people/${person}`, { as: 'msp/owner' })).body.status).toBe('active');
  });
});

describe('an alarm', () => {
  it('is told to whoever was an owner in the day before it was raised, locked or not, and not to whom left long ago', async () => {
    const owner = (name: string) => PersonFactory.at('msp').named(name).granted('owner', 'all').in(admin());
    const [shut, stripped, gone, former] = [
      await owner('shut'),
      await owner('stripped'),
      await owner('gone'),
      await owner('former'),
    ];
    const session = await begin();
    // in its hour the emergency account shuts out whoever could hear of it
    await inTenants(asApi, ['msp'], async (tx) => {
      await sql`UPDATE people SET status = 'locked' WHERE id = ANY (${[shut, gone]}::uuid[])`.execute(tx);
      await sql`UPDATE role_grants SET ended_at = now(), ended_by = 'safe@msp' WHERE person_id = ANY (${[stripped, former]}::uuid[])`.execute(
        tx,
      );
    });
    await sql`UPDATE people SET status_since = now() - interval '2 days' WHERE id = ${gone}`.execute(admin());
    await sql`UPDATE role_grants SET ended_at = now() - interval '2 days' WHERE person_id = ${former}`.execute(admin());
    const alarm = (await alarms()).find((one) => one['session'] === session)!;
    const told = await inTenants(asApi, ['msp'], (tx) => ownersOfAlarm(tx, { tenant: 'msp', id: String(alarm['id']) }));
    const subjects = told.map(({ subject }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(['shut@msp', 'stripped@msp', 'olga@msp']));
    for (const other of ['gone@msp', 'former@msp', 'safe@msp']) expect(subjects).not.toContain(other);
  });

  it('is not silenced by closing an owner for good and erasing them, before it is acknowledged', async () => {
    const zoe = await PersonFactory.at('msp').named('zoe').granted('owner', 'all').in(admin());
    const ulf = await PersonFactory.at('msp').named('ulf').granted('owner', 'all').in(admin());
    await inTenants(asApi, ['msp'], (tx) => insertPasskey(tx, { tenant: 'msp', personId: ulf }, keyOfSafe(), 'Ulf’s'));
    const session = await begin();
    const closed = await fixture.call('POST', `/v1/people/${zoe}/close`, { as: 'msp/owner', body: { reason: 'x' } });
    expect([closed.status, closed.body.status]).toEqual([200, 'closed']);
    const erase = () =>
      fixture.call('POST', '/v1/tenants/msp/person-erasures', {
        ...{ as: 'msp/owner' as const, headers: fresh() },
        body: { user: 'zoe', mail: 'zoe@msp.example', reason: 'Art. 17' },
      });
    const alarm = (await alarms()).find((one) => one['session'] === session)!;
    const refused = await erase();
    expect(refused).toMatchObject({ status: 409, body: { code: 'privacy.person_still_needed' } });
    expect(refused.body.context.needs).toContainEqual({ need: 'open_alarm', ref: alarm['id'] });
    for (const { id } of await alarms())
      await sql`UPDATE alarms SET acknowledged_at = now(), acknowledged_by = 'x', acknowledged_for = 'x' WHERE id = ${id}`.execute(
        admin(),
      );
    expect((await erase()).status).toBe(201);
  });

  it('is acknowledged by an owner, once, and its workflow hears of it', async () => {
    const session = await begin();
    const alarm = (await alarms()).find((one) => one['session'] === session)!;
    expect((await acknowledge(alarm['id'], 'msp/operator')).status).toBe(403);
    const before = await count('identity.alarm.acknowledged');
    const done = await acknowledge(alarm['id']);
    expect(done.body).toMatchObject({ acknowledgedBy: 'owner@msp', reason: 'Drill of the quarter.' });
    expect((await acknowledge(alarm['id'])).body).toEqual(done.body);
    expect(await count('identity.alarm.acknowledged')).toBe(before + 1);
  });

  it('is not silenced by an owner whom the emergency account made, nor by one made after it', async () => {
    const session = await begin();
    const alarm = (await alarms()).find((one) => one['session'] === session)!;
    const made = await PersonFactory.at('msp').named('owner').granted('owner', 'all').in(admin());
    const grantedBy = (by: string, at: string) =>
      sql`UPDATE role_grants SET granted_by = ${by}, granted_at = ${at}::timestamptz WHERE person_id = ${made}`.execute(
        admin(),
      );
    const refused = { status: 403, body: { code: 'alarm.own' } };
    expect(await acknowledge(alarm['id'])).toMatchObject(refused);
    await grantedBy('safe@msp', '2026-01-01T00:00:00Z');
    expect(await acknowledge(alarm['id'])).toMatchObject(refused);
    await grantedBy('olga@msp', '2026-01-01T00:00:00Z');
    expect((await acknowledge(alarm['id'])).status).toBe(200);
    await sql`DELETE FROM role_grants WHERE person_id = ${made}`.execute(admin());
    await sql`DELETE FROM people WHERE id = ${made}`.execute(admin());
  });

  it('of the MSP is not seen by a customer', async () => {
    expect((await fixture.call('GET', '/v1/alarms', { as: 'muster/customer_admin' })).status).toBe(403);
  });
});
