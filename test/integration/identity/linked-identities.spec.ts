import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import type { ApiAnswer } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await startIdentityFixture();
});
afterAll(() => fixture?.stop());

const reason = 'As agreed on the phone.';
const admin = () => fixture.database.admin;
const statusOf = async (browser: Browser): Promise<number> =>
  (await browser.call('GET', `${fixture.api.url}/v1/me`)).status;

function link(person: string, subject: string, change: object = {}): Promise<ApiAnswer> {
  const call = { as: 'muster/customer_admin', body: { subject, reason }, ...change } as const;
  return fixture.call('PUT', `/v1/people/${person}/identities/demo`, call);
}

function unlink(person: string): Promise<ApiAnswer> {
  const path = `/v1/people/${person}/identities/demo`;
  return fixture.call('DELETE', path, { as: 'muster/customer_admin', body: { reason } });
}

const entriesOf = (person: string) =>
  admin()
    .selectFrom('audit_entries')
    .select(['action', 'actor', 'reason'])
    .where('object_id', '=', person)
    .where('action', 'like', 'identity.%')
    .orderBy('at')
    .execute();

describe('an identity at an issuer', () => {
  it('is linked by an administrator, signs in as that person, and is out at once when it is unlinked', async () => {
    const person = await PersonFactory.at('muster').named('jana').granted('requester', 'home').in(admin());
    const linked = await link(person, 'jana.keller');
    expect(linked).toMatchObject({
      status: 200,
      body: {
        items: [{ provider: 'demo', subject: 'jana.keller', linkedBy: 'customer_admin@muster', lastSignInAt: null }],
      },
    });
    expect((await link(person, 'jana.keller')).body.items).toHaveLength(1);
    const browser = await fixture.signedIn('jana.keller');
    const me = JSON.parse((await browser.call('GET', `${fixture.api.url}/v1/me`)).text);
    expect(me).toMatchObject({ subject: 'jana@muster', roles: [{ role: 'requester' }] });
    expect((await unlink(person)).body).toEqual({ items: [] });
    expect(await statusOf(browser)).toBe(401);
    const again = await fixture.signIn(new Browser(), 'jana.keller');
    expect([again.status, JSON.parse(again.text).code]).toEqual([403, 'sign_in.no_role']);
    const by = { actor: 'customer_admin@muster', reason };
    expect(await entriesOf(person)).toEqual([
      { action: 'identity.linked', ...by },
      { action: 'identity.unlinked', ...by },
    ]);
  });

  it('that is gone takes the roles of its groups along, and does not come back as the same person', async () => {
    const browser = await fixture.signedIn('oliver.stein');
    const { id } = await admin()
      .selectFrom('people')
      .select('id')
      .where('subject', '=', 'oliver.stein@muster')
      .executeTakeFirstOrThrow();
    expect((await unlink(id)).status).toBe(200);
    expect(await statusOf(browser)).toBe(401);
    const { body } = await fixture.call('GET', `/v1/people/${id}`, { as: 'muster/customer_admin' });
    expect(body.grants).toEqual([]);
    const again = await fixture.signIn(new Browser(), 'oliver.stein');
    expect([again.status, JSON.parse(again.text).code]).toEqual([403, 'sign_in.not_admitted']);
  });
});

describe('an attacker who may manage people', () => {
  it('takes over nobody else’s identity', async () => {
    await fixture.signedIn('markus.hoffmann');
    const person = await PersonFactory.at('muster').in(admin());
    expect(await link(person, 'markus.hoffmann')).toMatchObject({ status: 409, body: { code: 'identity.taken' } });
  });

  it('does not sign in as somebody who may do more, by an identity of their own', async () => {
    const person = await PersonFactory.at('muster').granted('approver', 'home').in(admin());
    const key = newApiKey();
    const row = {
      tenant_id: 'muster',
      id: newId(),
      role: 'customer_admin',
      subject: 'limited.people@muster',
      name: 'test',
    };
    await admin()
      .insertInto('api_keys')
      .values({ ...row, key_hash: hashOfApiKey(key), scopes: ['person.write'] })
      .execute();
    const answer = await link(person, 'attacker', { as: undefined, headers: { authorization: `Bearer ${key}` } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'grant.too_powerful' } });
    const list = await fixture.call('GET', `/v1/people/${person}/identities`, { as: 'muster/customer_admin' });
    expect(list.body).toEqual({ items: [] });
  });

  it('links nothing to themselves', async () => {
    const self = await PersonFactory.at('muster').named('customer_admin').in(admin());
    expect(await link(self, 'attacker')).toMatchObject({ status: 403, body: { code: 'grant.own' } });
  });

  it('links no issuer that is another tenant’s, and nobody of another tenant', async () => {
    await fixture.putProvider('nordlicht', 'only-nordlicht', {
      issuer: 'https://other.example',
      enabled: false,
      mailDomains: [],
    });
    const person = await PersonFactory.at('muster').in(admin());
    const path = `/v1/people/${person}/identities/only-nordlicht`;
    const answer = await fixture.call('PUT', path, { as: 'muster/customer_admin', body: { subject: 'x', reason } });
    expect(answer).toMatchObject({ status: 404, body: { code: 'identity_provider.not_found' } });
    const foreign = await PersonFactory.at('nordlicht').in(admin());
    expect(await link(foreign, 'x')).toMatchObject({ status: 404, body: { code: 'person.not_found' } });
  });
});
