import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findInvitation, linkOf } from '#libs/identity';
import { newId, systemClock } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { demoProviders } from '../../../tools/sandbox/identity/providers.js';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { shutOut } from '../../support/api/leaving.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { PasskeyDevice } from '../../support/identity/passkey-device.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { launchChromium } from '../../support/chromium.js';

let fixture: ApiFixture;
let worker: Database;
let links: MailedLinks;
let browser: Browser;
let origin: string;

beforeAll(async () => {
  fixture = await startApiFixture();
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
  // passkeys are for names, hence the loopback's
  origin = fixture.api.url.replace('127.0.0.1', 'localhost');
  links = new MailedLinks(worker, new SealedValues(worker, openKeyRing(testMasterKeys())), origin);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await worker?.destroy();
  await fixture?.stop();
});

let count = 0;
interface Wish {
  readonly mail?: string;
  readonly language?: 'de' | 'en';
  readonly as?: Who;
  readonly role?: 'approver' | 'customer_admin';
}

/** Invites somebody to muster; gives the invitation's id, and the link as the worker mails it. */
async function invite({ mail, language = 'de', as = 'muster/customer_admin', role = 'approver' }: Wish = {}) {
  count += 1;
  const body = {
    mail: mail ?? `gast${count}@firma.example`,
    name: `Gast ${count}`,
    language,
    grants: [{ role, covers: 'home' }],
    reason: 'Sie gibt frei.',
  };
  const made = await fixture.call('POST', '/v1/invitations', { as, body, headers: fresh() });
  expect(made).toMatchObject({ status: 201, body: { state: 'open', sent: 1 } });
  const id = made.body.id as string;
  return { id, mail: body.mail, url: await linkTo(id) };
}

async function linkTo(id: string): Promise<string> {
  const invitation = await inTenants(worker, ['muster'], (tx) => findInvitation(tx, ['muster'], id));
  return (await links.offer(linkOf(invitation!, systemClock.now()))).url;
}

/** Somebody who accepted an invitation in a browser of their own. */
async function accepted(wish: Wish = {}) {
  const invited = await invite(wish);
  const device = await PasskeyDevice.in(browser, { locale: wish.language === 'en' ? 'en-GB' : 'de-DE' });
  await device.register(invited.url);
  const shown = await fixture.call('GET', `/v1/invitations/${invited.id}`, { as: 'muster/auditor' });
  return { ...invited, device, person: shown.body.person as string };
}

/** What our page's script sends, without a browser. */
async function post(path: string, body: object, cookie = '') {
  const headers = { 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1', ...(cookie ? { cookie } : {}) };
  const answer = await fixture.call('POST', path, { headers, body });
  return {
    ...answer,
    cookie: answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0]!)
      .join('; '),
  };
}

const begin = () => post('/v1/sign-in/passkey/options', {});
const complete = (credential: object, cookie: string) => post('/v1/sign-in/passkey', { credential }, cookie);

const refusals = async (person: string) => {
  const rows = await fixture.database.admin
    .selectFrom('audit_entries as e')
    .innerJoin('passkeys as k', (join) => join.onRef('e.object_id', '=', (eb) => eb.cast('k.id', 'text')))
    .select('e.reason')
    .where('e.action', '=', 'sign_in.refused')
    .where('k.person_id', '=', person)
    .execute();
  return rows.map((row) => row.reason);
};
const audited = async (object: string) =>
  (
    await fixture.database.admin.selectFrom('audit_entries').select('action').where('object_id', '=', object).execute()
  ).map((row) => row.action);

describe('somebody whose company has no identity provider', () => {
  it('is invited, makes a passkey, is signed in with two factors, signs out, and signs in again', async () => {
    const { device, id, mail } = await accepted();
    const me = await device.call('GET', '/v1/me');
    expect(me).toMatchObject({
      status: 200,
      body: { mail, secondFactor: true, method: 'session', roles: [{ role: 'approver' }] },
    });
    expect(await device.call('POST', '/v1/sign-out')).toMatchObject({ status: 200 });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await device.signIn(origin);
    expect((await device.call('GET', '/v1/me')).body['subject']).toBe(me.body['subject']);
    expect((await device.call('GET', '/v1/sessions')).body).toMatchObject({ items: [{ method: 'passkey' }] });
    expect(await audited(id)).toEqual(['invitation.sent', 'invitation.accepted']);
    await device.close();
  });

  it('reads in English, and adds, renames and removes passkeys of their own', async () => {
    const { device } = await accepted({ language: 'en' });
    await device.page.goto(`${origin}/sign-in`);
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
    expect(await audited(added.body['id'] as string)).toEqual(['passkey.added', 'passkey.renamed']);
    expect(await audited(first!.id)).toEqual(['passkey.added', 'passkey.removed']);
    // the session began with the one that is gone
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await device.signIn(origin);
    await device.close();
  });

  it('who lost their device is out at once, and is invited anew as the same person', async () => {
    const { device, person, mail } = await accepted();
    const again = await fixture.call('POST', '/v1/invitations', {
      as: 'muster/customer_admin',
      body: { mail, name: 'X', language: 'de', grants: [{ role: 'approver', covers: 'home' }], reason: 'x' },
    });
    expect(again.body).toMatchObject({ code: 'invitation.known_person' });
    const removed = await fixture.call('DELETE', `/v1/people/${person}/passkeys`, {
      as: 'muster/customer_admin',
      body: { reason: 'Lost on a train.' },
    });
    expect(removed).toMatchObject({ status: 200, body: { items: [] } });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const { cookie, body } = await begin();
    expect((await complete(await device.sign(body), cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    await device.holds([]);
    const anew = await invite({ mail });
    await device.register(anew.url);
    const shown = await fixture.call('GET', `/v1/invitations/${anew.id}`, { as: 'muster/auditor' });
    expect(shown.body).toMatchObject({ state: 'accepted', person });
    await device.close();
  });
});

describe('an attacker', () => {
  it('who replays a challenge, or what was signed for it, gets no session', async () => {
    const { device } = await accepted();
    const { cookie, body } = await begin();
    const credential = await device.sign(body);
    expect(await complete(credential, cookie)).toMatchObject({ status: 200 });
    expect(await complete(credential, cookie)).toMatchObject({ status: 400, body: { code: 'sign_in.not_begun' } });
    // the same answer for a challenge of the attacker's own
    const own = await begin();
    expect(await complete(credential, own.cookie)).toMatchObject({ status: 403, body: { code: 'sign_in.failed' } });
    // and a challenge in another browser than the one that began
    const other = await begin();
    expect(await complete(await device.sign(other.body), '')).toMatchObject({ status: 400 });
    await device.close();
  });

  it('whose page relays a challenge from another origin gets nothing that signs in', async () => {
    const { device, person } = await accepted();
    const evil = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>Hi</p>'));
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    await device.page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`);
    const { cookie, body } = await begin();
    const credential = await device.sign(body);
    expect(await complete(credential, cookie)).toMatchObject({ status: 403, body: { code: 'sign_in.failed' } });
    expect(await refusals(person)).toEqual(['not_verified']);
    const crossSite = { 'sec-fetch-site': 'same-site', 'stellwerk-csrf': '1' };
    const asked = await fixture.call('POST', '/v1/sign-in/passkey/options', { headers: crossSite, body: {} });
    expect(asked.body).toMatchObject({ code: 'auth.cross_site' });
    await new Promise((resolve) => evil.close(resolve));
    await device.close();
  });

  it('who cloned an authenticator is noticed by its counter, which goes back', async () => {
    const { device, person } = await accepted();
    const clone = await device.copies();
    await device.signIn(origin);
    await device.holds(clone);
    const { cookie, body } = await begin();
    expect((await complete(await device.sign(body), cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    expect(await refusals(person)).toEqual(['cloned']);
    await device.close();
  });

  it('who holds the device but cannot unlock it does not get in (user verification)', async () => {
    const { device, person } = await accepted();
    await device.verifiesUser(false);
    const { cookie, body } = await begin();
    const credential = await device.sign({ ...(body as object), userVerification: 'discouraged' });
    expect((await complete(credential, cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    expect(await refusals(person)).toEqual(['not_verified']);
    await device.close();
  });

  it('who makes a passkey for one link cannot use it up at another person’s', async () => {
    const [own, other] = [await invite(), await invite()];
    const device = await PasskeyDevice.in(browser);
    await device.page.goto(own.url);
    const token = (url: string): string => new URL(url).pathname.split('/').pop()!;
    const { cookie, body } = await post('/v1/sign-in/passkey/invitation', { token: token(own.url) });
    const credential = JSON.stringify(await device.make(body));
    const form = { method: 'POST', headers: { cookie }, body: new URLSearchParams({ credential }) };
    expect((await fetch(other.url, form)).status).toBe(400);
    // that spoilt the challenge, and used neither link up
    expect((await fetch(own.url, form)).status).toBe(400);
    for (const { id } of [own, other])
      expect((await fixture.call('GET', `/v1/invitations/${id}`, { as: 'muster/auditor' })).body.state).toBe('open');
    await device.close();
  });

  it('who comes by a link that was used, withdrawn, superseded or forged is told why, and gets no passkey', async () => {
    const used = await accepted();
    await used.device.close();
    const withdrawn = await invite();
    const gone = await fixture.call('DELETE', `/v1/invitations/${withdrawn.id}`, {
      as: 'muster/customer_admin',
      body: { reason: 'Falsche Adresse.' },
    });
    expect(gone.body).toMatchObject({ state: 'withdrawn' });
    const resent = await invite();
    const again = await fixture.call('POST', `/v1/invitations/${resent.id}/send-again`, {
      as: 'muster/customer_admin',
    });
    expect(again.body).toMatchObject({ state: 'open', sent: 2 });
    expect(await linkTo(resent.id)).not.toBe(resent.url);
    const forged = resent.url.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    for (const [url, status, why] of [
      [used.url, 410, 'schon benutzt'],
      [withdrawn.url, 410, 'zurückgezogen'],
      [resent.url, 410, 'zurückgezogen'],
      [forged, 404, 'nicht ausgestellt'],
    ] as const) {
      const answer = await fetch(url, { headers: { 'accept-language': 'de' } });
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(why)]);
      const token = new URL(url).pathname.split('/').pop()!;
      const asked = await post('/v1/sign-in/passkey/invitation', { token });
      expect(asked.body).toMatchObject({ code: 'invitation.ended' });
    }
  });

  it('who is locked, or whose company is suspended, does not come in with their passkey', async () => {
    const { device, person } = await accepted();
    const { admin } = fixture.database;
    const attempt = async () => {
      const { cookie, body } = await begin();
      return (await complete(await device.sign(body), cookie)).body.code as string;
    };
    await admin.updateTable('people').set({ status: 'locked' }).where('id', '=', person).execute();
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    expect(await attempt()).toBe('sign_in.not_admitted');
    await admin.updateTable('people').set({ status: 'active' }).where('id', '=', person).execute();
    await admin.updateTable('tenants').set({ status: 'suspended' }).where('id', '=', 'muster').execute();
    expect(await attempt()).toBe('sign_in.not_admitted');
    await admin.updateTable('tenants').set({ status: 'active' }).where('id', '=', 'muster').execute();
    expect(await refusals(person)).toEqual(['locked', 'tenant']);
    await device.close();
  });

  it('whose access was closed for good gets in neither by session and passkey nor by an open invitation; invited anew, they are somebody new', async () => {
    const { device, person, mail } = await accepted();
    const shut = { as: 'muster/customer_admin', body: { reason: 'Left.' } } as const;
    expect((await fixture.call('POST', `/v1/people/${person}/close`, shut)).body).toMatchObject({ status: 'closed' });
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const { cookie, body } = await begin();
    expect((await complete(await device.sign(body), cookie)).body.code).toBe('sign_in.failed');
    await device.holds([]);
    const anew = await invite({ mail });
    await device.register(anew.url);
    const shown = await fixture.call('GET', `/v1/invitations/${anew.id}`, { as: 'muster/auditor' });
    expect(shown.body.person).not.toBe(person);
    // closed while an invitation is open
    await fixture.call('DELETE', `/v1/people/${shown.body.person}/passkeys`, shut);
    const open = await invite({ mail });
    expect((await fixture.call('POST', `/v1/people/${shown.body.person}/close`, shut)).status).toBe(200);
    expect((await fetch(open.url)).status).toBe(410);
    await device.close();
  });

  it('who guesses with unknown passkeys is slowed down', async () => {
    const { device } = await accepted();
    const { cookie, body } = await begin();
    const credential = (await device.sign(body)) as { response: object };
    const stranger = { ...credential, response: { ...credential.response, userHandle: 'AZdVHHoAcACAAAAAAAAAAQ' } };
    expect((await complete(stranger, cookie)).body).toMatchObject({ code: 'sign_in.failed' });
    const { admin } = fixture.database;
    const noted = await admin
      .selectFrom('audit_entries')
      .select(['tenant_id', 'actor', 'reason', 'outcome'])
      .where('action', '=', 'sign_in.refused')
      .where('object_id', '=', 'unknown')
      .execute();
    expect(noted).toContainEqual({ tenant_id: 'msp', actor: 'unknown', reason: 'unknown', outcome: 'denied' });
    const guesses = [];
    while (guesses.at(-1)?.status !== 429 && guesses.length < 40)
      guesses.push(await complete(stranger, (await begin()).cookie));
    expect(guesses.at(-1)).toMatchObject({ status: 429, body: { code: 'limits.sign_in_delayed' } });
    expect(Number(guesses.at(-1)!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(new Set(guesses.slice(0, -1).map(({ status }) => status))).toEqual(new Set([403]));
    await admin.deleteFrom('sign_in_failures').execute();
    await device.close();
  });

  it('who was linked to their company’s issuer does not come in past it, by passkey or open invitation', async () => {
    const { device, person, mail } = await accepted();
    const link = (id: string, subject: string) => {
      const call = { as: 'muster/customer_admin', body: { subject, reason: 'They have an issuer now.' } } as const;
      return fixture.call('PUT', `/v1/people/${id}/identities/firm`, call);
    };
    const issuer = 'https://issuer.example';
    const saved = await fixture.call('PUT', '/v1/identity-providers/firm', {
      as: 'msp/owner',
      headers: { 'stellwerk-tenant': 'muster' },
      body: { ...demoProviders({ msp: issuer, muster: issuer })['muster'], enabled: false },
    });
    expect(saved.status).toBe(200);
    expect((await link(person, 'at-issuer-1')).status).toBe(200);
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    const attempt = async () => {
      const { cookie, body } = await begin();
      return (await complete(await device.sign(body), cookie)).body.code as string;
    };
    expect(await attempt()).toBe('sign_in.failed');
    // an invitation that is open when the link is made
    const { admin } = fixture.database;
    await admin.deleteFrom('person_identities').where('person_id', '=', person).execute();
    const open = await invite({ mail });
    expect((await link(person, 'at-issuer-1')).status).toBe(200);
    expect((await fetch(open.url)).status).toBe(410);
    expect(await audited(open.id)).toEqual(['invitation.sent', 'invitation.withdrawn']);
    // a passkey from before links ended them
    const other = await accepted();
    const { id: provider_id } = await admin
      .selectFrom('identity_providers')
      .select('id')
      .where('name', '=', 'firm')
      .executeTakeFirstOrThrow();
    await admin
      .insertInto('person_identities')
      .values({ tenant_id: 'muster', provider_id, person_id: other.person, subject: 'at-issuer-2' })
      .execute();
    const { cookie, body } = await begin();
    expect((await complete(await other.device.sign(body), cookie)).body.code).toBe('sign_in.not_admitted');
    expect(await refusals(other.person)).toEqual(['issuer']);
    await Promise.all([device.close(), other.device.close()]);
  });

  it('who was invited by somebody who has lost the right to it since gets nothing, until somebody sends it again', async () => {
    const { admin } = fixture.database;
    const inviter = await PersonFactory.at('muster').named('ilse').granted('customer_admin', 'home').in(admin);
    const key = newApiKey();
    const row = { tenant_id: 'muster', id: newId(), role: 'customer_admin', subject: 'ilse@muster', name: 'test' };
    await admin
      .insertInto('api_keys')
      .values({ ...row, key_hash: hashOfApiKey(key) })
      .execute();
    const made = await fixture.call('POST', '/v1/invitations', {
      headers: { ...fresh(), authorization: `Bearer ${key}` },
      body: {
        mail: 'komplizin@firma.example',
        name: 'Komplizin',
        language: 'de',
        grants: [{ role: 'customer_admin', covers: 'home' }],
        reason: 'x',
      },
    });
    expect(made.status).toBe(201);
    const id = made.body.id as string;
    const device = await PasskeyDevice.in(browser);
    const refused = async () => {
      await device.page.goto(await linkTo(id));
      await device.page.locator('form[data-passkey] button').click();
      await device.page.getByRole('heading', { name: 'Sie bekommen gerade keinen Zugang' }).waitFor();
      await device.holds([]);
    };
    await admin.updateTable('people').set({ status: 'locked' }).where('id', '=', inviter).execute();
    await refused();
    await admin.updateTable('people').set({ status: 'active' }).where('id', '=', inviter).execute();
    await admin.updateTable('role_grants').set({ role: 'approver' }).where('person_id', '=', inviter).execute();
    await refused();
    const people = admin.selectFrom('people').select('id').where('display_name', '=', 'Komplizin');
    expect(await people.execute()).toEqual([]);
    await fixture.call('POST', `/v1/invitations/${id}/send-again`, { as: 'muster/customer_admin' });
    await device.register(await linkTo(id));
    expect(await people.execute()).toHaveLength(1);
    await device.close();
  });

  it('who has somebody else’s browser accept an invitation leaves no session of theirs behind', async () => {
    const { device, person } = await accepted();
    const second = await invite();
    await device.holds([]);
    await device.register(second.url);
    const sessions = await fixture.database.admin
      .selectFrom('sessions')
      .select('end_reason')
      .where('person_id', '=', person)
      .execute();
    expect(sessions).toEqual([{ end_reason: 'replaced' }]);
    const names = (await device.context.cookies()).map(({ name }) => name);
    expect(names).toContain('stellwerk-session');
    expect(names).not.toContain('stellwerk-passkey');
    await device.close();
  });

  it('who administers another tenant neither sees nor touches invitations and passkeys', async () => {
    const { device, id, person } = await accepted();
    const as = 'nordlicht/customer_admin';
    for (const [method, path, body] of [
      ['GET', `/v1/invitations/${id}`, undefined],
      ['POST', `/v1/invitations/${id}/send-again`, undefined],
      ['DELETE', `/v1/invitations/${id}`, { reason: 'x' }],
      ['GET', `/v1/people/${person}/passkeys`, undefined],
      ['DELETE', `/v1/people/${person}/passkeys`, { reason: 'x' }],
    ] as const)
      expect((await fixture.call(method, path, { as, body })).status).toBe(404);
    expect(await device.call('GET', '/v1/me')).toMatchObject({ status: 200 });
    await device.close();
  });
});

// the last: from here on muster has left
describe('a customer that leaves', () => {
  it('has its administrator come in with their passkey to fetch the handover, and nobody else', async () => {
    const [admin, approver] = [await accepted({ role: 'customer_admin' }), await accepted()];
    await shutOut(fixture.database.admin, worker, 'muster');
    expect(await admin.device.call('GET', '/v1/me')).toMatchObject({ status: 401 });
    await admin.device.signIn(origin);
    expect((await admin.device.call('GET', '/v1/tenants/muster/exports')).status).toBe(200);
    expect((await admin.device.call('GET', '/v1/requests')).status).toBe(403);
    const { cookie, body } = await begin();
    const answer = await complete(await approver.device.sign(body), cookie);
    expect(answer.body).toMatchObject({ code: 'sign_in.not_admitted' });
    expect(await refusals(approver.person)).toEqual(['tenant']);
    await Promise.all([admin.device.close(), approver.device.close()]);
  });
});
