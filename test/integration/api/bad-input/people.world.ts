import { sql } from 'kysely';
import { hashOfCookieToken, newCookieToken } from '#libs/identity';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import type { Database } from '#libs/platform/database';
import { PersonFactory } from '../../../support/api/people.factory.js';
import { Things } from '../scan/things.js';
import { RequestFactory } from '../../../support/api/request.factory.js';

/** People, their roles and keys, that the bad input is thrown at. */
export async function peopleAndKeys(admin: Database) {
  const key = async (subject: string, more: object = {}): Promise<string> => {
    const id = newId();
    const row = {
      tenant_id: 'muster',
      id,
      role: 'requester',
      subject,
      name: 'test',
      key_hash: hashOfApiKey(newApiKey()),
    };
    await admin
      .insertInto('api_keys')
      .values({ ...row, ...more })
      .execute();
    return id;
  };
  const keyOfLeaver = await key('uwe.adam@muster');
  await RequestFactory.of('muster').about('uwe.adam').in(admin);
  const claimed = await PersonFactory.at('muster').granted('approver', 'home', null, 'claim').in(admin);
  const closed = await PersonFactory.at('muster').in(admin);
  await admin.updateTable('people').set({ status: 'closed' }).where('id', '=', closed).execute();
  return {
    keyOfLeaver,
    revokedKey: await key('machine@muster', { revoked_at: '2026-01-01T00:00:00Z' }),
    personOfAdmin: await PersonFactory.at('muster').named('customer_admin').in(admin),
    person: await PersonFactory.at('muster').in(admin),
    foreignPerson: await PersonFactory.at('nordlicht').in(admin),
    lastOwner: await PersonFactory.at('msp').granted('owner', 'all').in(admin),
    claimed,
    grantByClaim: await grantOf(admin, claimed),
    closed,
    ...(await invitedPeople(admin)),
  };
}

/** People with passkeys and without, with a session each, and invitations. */
async function invitedPeople(admin: Database) {
  const things = new Things(admin, 'muster');
  const { personId: keyHolder, id: lastPasskey } = await things.passkey();
  const { personId: ofIssuer } = await things.identity();
  const withdrawn = await things.invitation();
  const ended = { withdrawn_at: sql<Date>`now()`, withdrawn_by: 'test' };
  await admin.updateTable('invitations').set(ended).where('id', '=', withdrawn).execute();
  const open = await things.invitation();
  const { mail } = await admin
    .selectFrom('invitations')
    .select('mail')
    .where('id', '=', open)
    .executeTakeFirstOrThrow();
  const known = await admin.selectFrom('people').select('mail').where('id', '=', keyHolder).executeTakeFirstOrThrow();
  return {
    lastPasskey,
    withdrawn,
    openMail: mail!,
    knownMail: known.mail!,
    sessionOfKeyHolder: await sessionOf(admin, keyHolder),
    sessionOfIssuer: await sessionOf(admin, ofIssuer),
  };
}

async function sessionOf(admin: Database, person: string): Promise<string> {
  const token = newCookieToken();
  await admin
    .insertInto('sessions')
    .values({
      tenant_id: 'muster',
      id: newId(),
      token_hash: hashOfCookieToken(token),
      person_id: person,
      method: 'passkey',
      provider_id: null,
      issuer_sid: null,
      issuer_subject: null,
      second_factor: true,
      user_agent: null,
      idle_minutes: 60,
      expires_at: sql<Date>`now() + interval '1 hour'`,
      refresh_token: null,
      id_token: null,
    })
    .execute();
  return token;
}

async function grantOf(admin: Database, person: string): Promise<string> {
  const { id } = await admin
    .selectFrom('role_grants')
    .select('id')
    .where('person_id', '=', person)
    .executeTakeFirstOrThrow();
  return id;
}

/** A customer_admin's key that may give roles only. */
export async function limitedKey(admin: Database): Promise<string> {
  const key = newApiKey();
  const row = { tenant_id: 'muster', id: newId(), role: 'customer_admin', subject: 'limited@muster', name: 'test' };
  await admin
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key), scopes: ['person.write'] })
    .execute();
  return key;
}
