import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, type Role } from '#libs/platform/access';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const body = { reason: 'As agreed on the phone.' };
const admin = () => fixture.database.admin;
const tooPowerful = { status: 403, body: { code: 'grant.too_powerful' } };

/** A key that may change people, and nothing else. */
async function limitedKey(tenant: string, role: Role) {
  const key = newApiKey();
  const row = { tenant_id: tenant, id: newId(), role, subject: `limited.people@${tenant}`, name: 'people' };
  await admin()
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key), scopes: ['person.write', 'person.read'] })
    .execute();
  return { headers: { authorization: `Bearer ${key}` } };
}

async function passkeyOf(tenant_id: string, person_id: string): Promise<void> {
  const key = { credential_id: Buffer.from(newId()), public_key: Buffer.alloc(1), counter: 0, transports: [] };
  await admin()
    .insertInto('passkeys')
    .values({ tenant_id, id: newId(), person_id, ...key, backed_up: false, name: 'x' })
    .execute();
}

const passkeysOf = async (person: string): Promise<number> =>
  (await admin().selectFrom('passkeys').select('id').where('person_id', '=', person).execute()).length;

describe('who may change people, and less than they may', () => {
  it.each([
    ['msp', 'owner', 'all'],
    ['muster', 'customer_admin', 'home'],
  ] as const)('shuts out nobody with a larger role at %s', async (tenant, role, covers) => {
    const person = await PersonFactory.at(tenant).granted(role, covers).in(admin());
    await PersonFactory.at(tenant).granted(role, covers).in(admin());
    await passkeyOf(tenant, person);
    const key = await limitedKey(tenant, role);
    const [grant] = (await fixture.call('GET', `/v1/people/${person}`, key)).body.grants;
    for (const [method, path] of [
      ['POST', 'lock'],
      ['DELETE', `grants/${grant.id}`],
      ['DELETE', 'passkeys'],
      ['DELETE', 'identities/any'],
    ] as const)
      expect(await fixture.call(method, `/v1/people/${person}/${path}`, { ...key, body })).toMatchObject(tooPowerful);
    expect(await passkeysOf(person)).toBe(1);
    await admin().updateTable('people').set({ status: 'locked' }).where('id', '=', person).execute();
    expect(await fixture.call('POST', `/v1/people/${person}/unlock`, { ...key, body })).toMatchObject(tooPowerful);
    await admin().deleteFrom('role_grants').where('person_id', '=', person).execute();
  });

  it('an owner at the MSP shuts out a customer’s administrator: what is taken, nobody gets', async () => {
    const person = await PersonFactory.at('nordlicht').granted('customer_admin', 'home').in(admin());
    await passkeyOf('nordlicht', person);
    const call = { as: 'msp/owner', body } as const;
    expect((await fixture.call('DELETE', `/v1/people/${person}/passkeys`, call)).body).toEqual({ items: [] });
    expect((await fixture.call('POST', `/v1/people/${person}/lock`, call)).body.status).toBe('locked');
    expect((await fixture.call('POST', `/v1/people/${person}/unlock`, call)).body.status).toBe('active');
  });
});

describe('the last owner who can sign in', () => {
  it('keeps their passkeys, also when two owners lose theirs at once', async () => {
    const owner = async () => {
      const id = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
      await passkeyOf('msp', id);
      return id;
    };
    const [anna, bert] = [await owner(), await owner()];
    // an owner without a way in is no help
    await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const remove = (id: string) => fixture.call('DELETE', `/v1/people/${id}/passkeys`, { as: 'msp/owner', body });
    const answers = await Promise.all([remove(anna), remove(bert)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('grant.last_owner');
    expect((await passkeysOf(anna)) + (await passkeysOf(bert))).toBe(1);
  });
});
