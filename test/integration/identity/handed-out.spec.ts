import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, type Permission } from '#libs/platform/access';
import type { ApiAnswer } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await startIdentityFixture();
});
afterAll(() => fixture?.stop());

/** Headers of an owner's key at the MSP that has some permissions only. */
async function limitedTo(...scopes: Permission[]): Promise<Record<string, string>> {
  const key = newApiKey();
  const row = { tenant_id: 'msp', id: newId(), role: 'owner', subject: `limited-${newId()}@msp`, name: 'test', scopes };
  await fixture.database.admin
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key) })
    .execute();
  return { authorization: `Bearer ${key}` };
}

function enter(tenant: string, machine: object, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  const as = headers['authorization'] === undefined ? ({ as: 'msp/owner' } as const) : {};
  const body = { provider: 'demo', clientId: 'attacker', ...machine };
  return fixture.call('PUT', '/v1/machine-clients/attack', {
    ...as,
    headers: { 'stellwerk-tenant': tenant, ...headers },
    body,
  });
}

const MAPS_ADMINS = { roles: [{ group: 'mine', role: 'customer_admin', covers: 'home' }] };

describe('an attacker who may enter machines', () => {
  it('gets by a machine no more than their own key does, neither at first nor at replacing it', async () => {
    const key = await limitedTo('machine_client.write', 'run.read');
    const tooPowerful = { status: 403, body: { code: 'api_key.too_powerful' } };
    expect(await enter('msp', { role: 'owner' }, key)).toMatchObject(tooPowerful);
    expect(await enter('msp', { role: 'owner', scopes: ['secret.write'] }, key)).toMatchObject(tooPowerful);
    const small = { role: 'owner', scopes: ['run.read'] };
    expect((await enter('msp', small, key)).status).toBe(200);
    expect(await enter('msp', { ...small, scopes: ['run.read', 'secret.write'] }, key)).toMatchObject(tooPowerful);
  });

  it.each([
    ['what only people do', { role: 'customer_admin', scopes: ['tenant_export.download'] }],
    ['what its role may not', { role: 'requester', scopes: ['secret.write'] }],
  ])('lets no machine do %s', async (_what, machine) => {
    expect(await enter('muster', machine)).toMatchObject({ status: 422, body: { errors: [{ path: 'scopes' }] } });
  });
});

describe('an attacker who may set up issuers', () => {
  it('hands out by groups no more than their own key may', async () => {
    const headers = { 'stellwerk-tenant': 'msp', ...(await limitedTo('identity_provider.write')) };
    const issuer = fixture.identity.issuers.msp.url;
    const claim = { tenantClaim: { name: 'organisation', value: 'attacker' }, mailDomains: [], apiAudience: null };
    const rest = { issuer, clientId: 'stellwerk', secretRef: 'secret://sign-in-demo', secondFactor: { amr: ['mfa'] } };
    const roles = [{ group: 'mine', role: 'owner', covers: 'all' }];
    const answer = await fixture.call('PUT', '/v1/identity-providers/attack', {
      headers,
      body: { ...rest, ...claim, roles },
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'grant.too_powerful' } });
  });

  it('makes no second administrator of a customer that has one, though the first may come that way', async () => {
    expect((await fixture.putProvider('muster', 'demo', MAPS_ADMINS)).status).toBe(200);
    await PersonFactory.at('muster').granted('customer_admin', 'home').in(fixture.database.admin);
    expect((await fixture.putProvider('muster', 'demo', { ...MAPS_ADMINS, sessionHours: 5 })).status).toBe(200);
    const tooPowerful = { status: 403, body: { code: 'grant.too_powerful' } };
    const another = { roles: [{ ...MAPS_ADMINS.roles[0], group: 'others' }] };
    expect(await fixture.putProvider('muster', 'demo', another)).toMatchObject(tooPowerful);
    const elsewhere = { ...MAPS_ADMINS, tenantClaim: { name: 'organisation', value: 'attacker' } };
    expect(await fixture.putProvider('muster', 'demo', elsewhere)).toMatchObject(tooPowerful);
  });
});
