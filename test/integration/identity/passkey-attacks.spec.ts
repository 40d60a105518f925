import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoProviders } from '../../../tools/sandbox/identity/providers.js';
import { PasskeyFixture } from '../../support/identity/passkey-fixture.js';

let passkeys: PasskeyFixture;
beforeAll(async () => {
  passkeys = await PasskeyFixture.start();
});
afterAll(() => passkeys?.stop());

describe('an attacker', () => {
  it('who replays a challenge, or what was signed for it, gets no session', async () => {
    const { device } = await passkeys.accepted();
    const { cookie, body } = await passkeys.begin();
    const credential = await device.sign(body);
    expect(await passkeys.complete(credential, cookie)).toMatchObject({ status: 200 });
    expect(await passkeys.complete(credential, cookie)).toMatchObject({
      status: 400,
      body: { code: 'sign_in.not_begun' },
    });
    // the same answer for a challenge of the attacker's own
    const own = await passkeys.begin();
    expect(await passkeys.complete(credential, own.cookie)).toMatchObject({
      status: 403,
      body: { code: 'sign_in.failed' },
    });
    // and a challenge in another browser than the one that began
    const other = await passkeys.begin();
    expect(await passkeys.complete(await device.sign(other.body), '')).toMatchObject({ status: 400 });
    await device.close();
  });

  it('whose page relays a challenge from another origin gets nothing that signs in', async () => {
    const { device, person } = await passkeys.accepted();
    const evil = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>Hi</p>'));
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    await device.page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`);
    const { cookie, body } = await passkeys.begin();
    const credential = await device.sign(body);
    expect(await passkeys.complete(credential, cookie)).toMatchObject({
      status: 403,
      body: { code: 'sign_in.failed' },
    });
    expect(await passkeys.refusals(person)).toEqual(['not_verified']);
    const crossSite = { 'sec-fetch-site': 'same-site', 'stellwerk-csrf': '1' };
    const asked = await passkeys.fixture.call('POST', '/v1/sign-in/passkey/options', { headers: crossSite, body: {} });
    expect(asked.body).toMatchObject({ code: 'auth.cross_site' });
    await new Promise((resolve) => evil.close(resolve));
    await device.close();
  });

  it('who cloned an authenticator is noticed by its counter, which goes back', async () => {
    const { device, person } = await passkeys.accepted();
    const clone = await device.copies();
    await device.signIn(passkeys.origin);
    await device.holds(clone);
    const { cookie, body } = await passkeys.begin();
    expect((await passkeys.complete(await device.sign(body), cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    expect(await passkeys.refusals(person)).toEqual(['cloned']);
    await device.close();
  });

  it('who holds the device but cannot unlock it does not get in (user verification)', async () => {
    const { device, person } = await passkeys.accepted();
    await device.verifiesUser(false);
    const { cookie, body } = await passkeys.begin();
    const credential = await device.sign({ ...(body as object), userVerification: 'discouraged' });
    expect((await passkeys.complete(credential, cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    expect(await passkeys.refusals(person)).toEqual(['not_verified']);
    await device.close();
  });

  it('who is locked, or whose company is suspended, does not come in with their passkey', async () => {
    const { device, person } = await passkeys.accepted();
    const { admin } = passkeys.fixture.database;
    const attempt = async () => {
      const { cookie, body } = await passkeys.begin();
      return (await passkeys.complete(await device.sign(body), cookie)).body.code as string;
    };
    await admin.updateTable('people').set({ status: 'locked' }).where('id', '=', person).execute();
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    expect(await attempt()).toBe('sign_in.not_admitted');
    await admin.updateTable('people').set({ status: 'active' }).where('id', '=', person).execute();
    await admin.updateTable('tenants').set({ status: 'suspended' }).where('id', '=', 'muster').execute();
    expect(await attempt()).toBe('sign_in.not_admitted');
    await admin.updateTable('tenants').set({ status: 'active' }).where('id', '=', 'muster').execute();
    expect(await passkeys.refusals(person)).toEqual(['locked', 'tenant']);
    await device.close();
  });

  it('whose access was closed for good gets in neither by session and passkey nor by an open invitation; invited anew, they are somebody new', async () => {
    const { device, person, mail } = await passkeys.accepted();
    const shut = { as: 'muster/customer_admin', body: { reason: 'Left.' } } as const;
    expect((await passkeys.fixture.call('POST', `/v1/people/${person}/close`, shut)).body).toMatchObject({
      status: 'closed',
    });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const { cookie, body } = await passkeys.begin();
    expect((await passkeys.complete(await device.sign(body), cookie)).body.code).toBe('sign_in.failed');
    await device.holds([]);
    const anew = await passkeys.invite({ mail });
    await device.register(anew.url);
    const shown = await passkeys.fixture.call('GET', `/v1/invitations/${anew.id}`, { as: 'muster/auditor' });
    expect(shown.body.person).not.toBe(person);
    // closed while an invitation is open
    await passkeys.fixture.call('DELETE', `/v1/people/${shown.body.person}/passkeys`, shut);
    const open = await passkeys.invite({ mail });
    expect((await passkeys.fixture.call('POST', `/v1/people/${shown.body.person}/close`, shut)).status).toBe(200);
    expect((await fetch(open.url)).status).toBe(410);
    await device.close();
  });

  it('who guesses with unknown passkeys is slowed down', async () => {
    const { device } = await passkeys.accepted();
    const { cookie, body } = await passkeys.begin();
    const credential = (await device.sign(body)) as { response: object };
    const stranger = { ...credential, response: { ...credential.response, userHandle: 'AZdVHHoAcACAAAAAAAAAAQ' } };
    expect((await passkeys.complete(stranger, cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    const { admin } = passkeys.fixture.database;
    const noted = await admin
      .selectFrom('audit_entries')
      .select(['tenant_id', 'actor', 'reason', 'outcome'])
      .where('action', '=', 'sign_in.refused')
      .where('object_id', '=', 'unknown')
      .execute();
    expect(noted).toContainEqual({ tenant_id: 'msp', actor: 'unknown', reason: 'unknown', outcome: 'denied' });
    const guesses = [];
    while (guesses.at(-1)?.status !== 429 && guesses.length < 40)
      guesses.push(await passkeys.complete(stranger, (await passkeys.begin()).cookie));
    expect(guesses.at(-1)).toMatchObject({ status: 429, body: { code: 'limits.sign_in_delayed' } });
    expect(Number(guesses.at(-1)!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(new Set(guesses.slice(0, -1).map(({ status }) => status))).toEqual(new Set([403]));
    await admin.deleteFrom('sign_in_failures').execute();
    await device.close();
  });

  it('who was linked to their company’s issuer does not come in past it, by passkey or open invitation', async () => {
    const { device, person, mail } = await passkeys.accepted();
    const link = (id: string, subject: string) => {
      const call = { as: 'muster/customer_admin', body: { subject, reason: 'They have an issuer now.' } } as const;
      return passkeys.fixture.call('PUT', `/v1/people/${id}/identities/firm`, call);
    };
    const issuer = 'https://issuer.example';
    const saved = await passkeys.fixture.call('PUT', '/v1/identity-providers/firm', {
      as: 'msp/owner',
      headers: { 'stellwerk-tenant': 'muster' },
      body: { ...demoProviders({ msp: issuer, muster: issuer })['muster'], enabled: false },
    });
    expect(saved.status).toBe(200);
    expect((await link(person, 'at-issuer-1')).status).toBe(200);
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const attempt = async () => {
      const { cookie, body } = await passkeys.begin();
      return (await passkeys.complete(await device.sign(body), cookie)).body.code as string;
    };
    expect(await attempt()).toBe('sign_in.failed');
    // an invitation that is open when the link is made
    const { admin } = passkeys.fixture.database;
    await admin.deleteFrom('person_identities').where('person_id', '=', person).execute();
    const open = await passkeys.invite({ mail });
    expect((await link(person, 'at-issuer-1')).status).toBe(200);
    expect((await fetch(open.url)).status).toBe(410);
    expect(await passkeys.audited(open.id)).toEqual(['invitation.sent', 'invitation.withdrawn']);
    // a passkey from before links ended them
    const other = await passkeys.accepted();
    const { id: provider_id } = await admin
      .selectFrom('identity_providers')
      .select('id')
      .where('name', '=', 'firm')
      .executeTakeFirstOrThrow();
    await admin
      .insertInto('person_identities')
      .values({ tenant_id: 'muster', provider_id, person_id: other.person, subject: 'at-issuer-2' })
      .execute();
    const { cookie, body } = await passkeys.begin();
    expect((await passkeys.complete(await other.device.sign(body), cookie)).body.code).toBe('sign_in.not_admitted');
    expect(await passkeys.refusals(other.person)).toEqual(['issuer']);
    await Promise.all([device.close(), other.device.close()]);
  });

  it('who administers another tenant neither sees nor touches invitations and passkeys', async () => {
    const { device, id, person } = await passkeys.accepted();
    const as = 'nordlicht/customer_admin';
    for (const [method, path, body] of [
      ['GET', `/v1/invitations/${id}`, undefined],
      ['POST', `/v1/invitations/${id}/send-again`, undefined],
      ['DELETE', `/v1/invitations/${id}`, { reason: 'x' }],
      ['GET', `/v1/people/${person}/passkeys`, undefined],
      ['DELETE', `/v1/people/${person}/passkeys`, { reason: 'x' }],
    ] as const)
      expect((await passkeys.fixture.call(method, path, { as, body })).status).toBe(404);
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 200 });
    await device.close();
  });
});
