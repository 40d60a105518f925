import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shutOut } from '../../support/api/leaving.js';
import { PasskeyFixture } from '../../support/identity/passkey-fixture.js';

let passkeys: PasskeyFixture;
beforeAll(async () => {
  passkeys = await PasskeyFixture.start();
});
afterAll(() => passkeys?.stop());

describe('somebody whose company has no identity provider', () => {
  it('is invited, makes a passkey, is signed in with two factors, signs out, and signs in again', async () => {
    const { device, id, mail } = await passkeys.accepted();
    const me = await device.call('GET', '/v1/me');
    expect(me).toMatchObject({
      status: 200,
      body: { mail, secondFactor: true, method: 'session', roles: [{ role: 'approver' }] },
    });
    expect(await device.call('POST', '/v1/sign-out')).toMatchObject({ status: 200 });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await device.signIn(passkeys.origin);
    expect((await device.call('GET', '/v1/me')).body['subject']).toBe(me.body['subject']);
    expect((await device.call('GET', '/v1/sessions')).body).toMatchObject({ items: [{ method: 'passkey' }] });
    expect(await passkeys.audited(id)).toEqual(['invitation.sent', 'invitation.accepted']);
    await device.close();
  });

  it('reads in English, and adds, renames and removes passkeys of their own', async () => {
    const { device } = await passkeys.accepted({ language: 'en' });
    await device.page.goto(`${passkeys.origin}/sign-in`);
    expect(await device.page.innerText('main')).toContain('Sign in with a passkey');
    const [first] = (await device.call('GET', '/v1/passkeys')).body['items'] as { id: string }[];
    expect(await device.call('DELETE', `/v1/passkeys/${first!.id}`)).toMatchObject({ status: 409 });
    const options = await device.call('POST', '/v1/passkeys/options');
    // the authenticator that has one makes no second: another device
    await device.holds([]);
    const credential = await device.make(options.body['publicKey'] as object);
    const added = await device.call('POST', '/v1/passkeys', { name: 'Phone', credential });
    expect(added).toMatchObject({ status: 201, body: { name: 'Phone' } });
    const renamed = await device.call('PUT', `/v1/passkeys/${added.body['id'] as string}`, { name: 'Work phone' });
    expect(renamed.body).toMatchObject({ name: 'Work phone' });
    expect(await device.call('DELETE', `/v1/passkeys/${first!.id}`)).toMatchObject({ status: 204 });
    expect(await passkeys.audited(added.body['id'] as string)).toEqual(['passkey.added', 'passkey.renamed']);
    expect(await passkeys.audited(first!.id)).toEqual(['passkey.added', 'passkey.removed']);
    // the session began with the one that is gone
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await device.signIn(passkeys.origin);
    await device.close();
  });

  it('who lost their device is out at once, and is invited anew as the same person', async () => {
    const { device, person, mail } = await passkeys.accepted();
    const again = await passkeys.fixture.call('POST', '/v1/invitations', {
      as: 'muster/customer_admin',
      body: { mail, name: 'X', language: 'de', grants: [{ role: 'approver', covers: 'home' }], reason: 'x' },
    });
    expect(again.body).toMatchObject({ code: 'invitation.known_person' });
    const removed = await passkeys.fixture.call('DELETE', `/v1/people/${person}/passkeys`, {
      as: 'muster/customer_admin',
      body: { reason: 'Lost on a train.' },
    });
    expect(removed).toMatchObject({ status: 200, body: { items: [] } });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const { cookie, body } = await passkeys.begin();
    expect((await passkeys.complete(await device.sign(body), cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    await device.holds([]);
    const anew = await passkeys.invite({ mail });
    await device.register(anew.url);
    const shown = await passkeys.fixture.call('GET', `/v1/invitations/${anew.id}`, { as: 'muster/auditor' });
    expect(shown.body).toMatchObject({ state: 'accepted', person });
    await device.close();
  });
});

// the last: from here on muster has left
describe('a customer that leaves', () => {
  it('has its administrator come in with their passkey to fetch the handover, and nobody else', async () => {
    const [admin, approver] = [await passkeys.accepted({ role: 'customer_admin' }), await passkeys.accepted()];
    await shutOut(passkeys.fixture.database.admin, passkeys.worker, 'muster');
    expect(await admin.device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await admin.device.signIn(passkeys.origin);
    expect((await admin.device.call('GET', '/v1/tenants/muster/exports')).status).toBe(200);
    expect((await admin.device.call('GET', '/v1/requests')).status).toBe(403);
    const { cookie, body } = await passkeys.begin();
    const answer = await passkeys.complete(await approver.device.sign(body), cookie);
    expect(answer.body).toMatchObject({ code: 'sign_in.not_admitted' });
    expect(await passkeys.refusals(approver.person)).toEqual(['tenant']);
    await Promise.all([admin.device.close(), approver.device.close()]);
  });
});
