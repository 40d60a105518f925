import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningApi } from '../../../apps/api/create-api.js';
import { callApi } from '../../support/api/api-fixture.js';
import { eventually } from '../../support/eventually.js';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import { FROM_OUR_PAGE, startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
let other: RunningApi;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  other = await fixture.startAnother(fixture.database.urlFor('api'));
});
afterAll(() => fixture?.stop());

const COOKIE = 'stellwerk-session';
const get = async (browser: Browser, path: string, api = fixture.api.url) => {
  const answer = await browser.call('GET', api + path);
  return { status: answer.status, body: JSON.parse(answer.text) };
};
const change = (browser: Browser, method: string, path: string) =>
  browser.call(method, fixture.api.url + path, { headers: FROM_OUR_PAGE });
const ofMuster = { 'stellwerk-tenant': 'muster' };

/** Moves what a browser's session remembers into the past. */
async function age(browser: Browser, change: string): Promise<void> {
  const { body } = await get(browser, '/v1/me');
  await sql`UPDATE sessions SET ${sql.raw(change)} WHERE id = ${body.session.id}`.execute(fixture.database.admin);
}

describe('a session', () => {
  it('is listed for its person, with which one this is, and for nobody else', async () => {
    const [here, there] = [await fixture.signedIn('sabine.uebelacker'), await fixture.signedIn('sabine.uebelacker')];
    const { body } = await get(here, '/v1/sessions');
    expect(body.items.map(({ isCurrent }: { isCurrent: boolean }) => isCurrent)).toEqual([false, true]);
    expect(body.items[0]).toMatchObject({ method: 'issuer', provider: 'demo', userAgent: 'node' });
    const stranger = await fixture.signedIn('oliver.stein');
    const ids = body.items.map(({ id }: { id: string }) => id);
    expect(JSON.stringify((await get(stranger, '/v1/sessions')).body)).not.toContain(ids[0]);
    expect((await change(stranger, 'DELETE', `/v1/sessions/${ids[0]}`)).status).toBe(404);
    expect((await get(there, '/v1/me')).status).toBe(200);
  });

  it('that is ended lets in no more, at any instance, from the next call on', async () => {
    const [here, there] = [await fixture.signedIn('sabine.uebelacker'), await fixture.signedIn('sabine.uebelacker')];
    const { body } = await get(there, '/v1/me');
    expect((await get(there, '/v1/me', other.url)).status).toBe(200);
    expect((await change(here, 'DELETE', `/v1/sessions/${body.session.id}`)).status).toBe(204);
    for (const api of [fixture.api.url, other.url])
      expect((await get(there, '/v1/me', api)).body.code).toBe('auth.session_invalid');
    expect((await change(here, 'DELETE', '/v1/sessions')).status).toBe(204);
    expect((await get(here, '/v1/me', other.url)).status).toBe(401);
  });

  it('is ended by who looks after the person, and not by others', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    const person = await fixture.database.admin
      .selectFrom('people')
      .select('id')
      .where('subject', '=', 'sabine.uebelacker@muster')
      .executeTakeFirstOrThrow();
    const path = `/v1/people/${person.id}/sessions`;
    const stranger = await fixture.call('DELETE', path, { as: 'nordlicht/customer_admin' });
    expect([stranger.status, stranger.body.code]).toEqual([404, 'person.not_found']);
    expect((await fixture.call('DELETE', path, { as: 'muster/approver' })).status).toBe(403);
    expect((await get(browser, '/v1/me')).status).toBe(200);
    const listed = await fixture.call('GET', path, { as: 'muster/customer_admin' });
    expect(listed.body.items.length).toBeGreaterThan(0);
    expect((await fixture.call('DELETE', path, { as: 'muster/customer_admin' })).status).toBe(204);
    expect((await get(browser, '/v1/me')).status).toBe(401);
  });

  it('ends when nothing was done for an hour, and after twelve hours in any case', async () => {
    const idle = await fixture.signedIn('sabine.uebelacker');
    await age(idle, `last_seen_at = now() - interval '59 minutes'`);
    expect((await get(idle, '/v1/me')).status).toBe(200);
    await age(idle, `last_seen_at = now() - interval '61 minutes'`);
    expect((await get(idle, '/v1/me')).status).toBe(401);
    const long = await fixture.signedIn('sabine.uebelacker');
    const { body } = await get(long, '/v1/me');
    expect(Date.parse(body.session.endsAt) - Date.parse(body.session.startedAt)).toBe(12 * 3_600_000);
    await age(long, 'expires_at = now()');
    expect((await get(long, '/v1/me')).status).toBe(401);
  });

  it('notes at most once a minute that it is used', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    const seen = async (): Promise<unknown> => (await get(browser, '/v1/me')).body.session.lastSeenAt;
    const first = await seen();
    expect(await seen()).toBe(first);
    await age(browser, `last_seen_at = now() - interval '2 minutes'`);
    expect(Date.parse(String(await seen()))).toBeGreaterThanOrEqual(Date.parse(String(first)));
  });

  it('of somebody at the MSP without a second factor lets nobody in, whatever made it', async () => {
    const browser = await fixture.signedIn('anna.weber');
    await age(browser, 'second_factor = false');
    expect((await get(browser, '/v1/me')).body.code).toBe('auth.session_invalid');
  });

  it('ends with its provider: switched off, or another client of it', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    expect((await fixture.putProvider('muster', 'demo', { enabled: false })).status).toBe(200);
    expect((await get(browser, '/v1/me')).status).toBe(401);
    expect((await browser.call('GET', `${fixture.api.url}/v1/sign-in?tenant=muster`)).status).toBe(404);
    expect((await fixture.putProvider('muster', 'demo')).status).toBe(200);
    expect((await get(browser, '/v1/me')).status).toBe(401);
  });

  it('yields to a key that comes along, so that a script never acts as the person beside it', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    const cookie = `${COOKIE}=${browser.cookie(fixture.api.url, COOKIE)}`;
    const both = await fixture.call('GET', '/v1/me', { as: 'muster/auditor', headers: { cookie } });
    expect(both.body).toMatchObject({ subject: 'auditor@muster', method: 'api_key', session: null });
    const bad = await fixture.call('GET', '/v1/me', { headers: { cookie, authorization: 'Bearer swk_unknown_key' } });
    expect(bad.body.code).toBe('auth.key_invalid');
  });
});

describe('signing out', () => {
  it('ends the session here, then the issuer’s own', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    const cookie = browser.cookie(fixture.api.url, COOKIE)!;
    const answer = await change(browser, 'POST', '/v1/sign-out');
    const { endSessionUrl } = JSON.parse(answer.text);
    expect(browser.cookie(fixture.api.url, COOKIE)).toBeUndefined();
    browser.setCookie(fixture.api.url, COOKIE, cookie);
    expect((await get(browser, '/v1/me')).status).toBe(401);
    const asked = await browser.call('GET', endSessionUrl);
    const [, action] = /action="([^"]+)"/.exec(asked.text)!;
    const [, secret] = /name="xsrf" value="([^"]+)"/.exec(asked.text)!;
    const left = await browser.call('POST', action!, { form: { xsrf: secret!, logout: 'yes' } });
    const ended = await browser.follow(left);
    expect([ended.url.pathname, ended.status]).toEqual(['/v1/sign-in/ended', 200]);
    // the issuer asks anew
    const begun = await browser.follow(await browser.call('GET', `${fixture.api.url}/v1/sign-in?tenant=muster`));
    expect(begun.url.pathname).toMatch(/^\/login\//);
  });

  it('at the issuer ends the session here (back-channel)', async () => {
    const browser = await fixture.signedIn('sabine.uebelacker');
    const stays = await fixture.signedIn('oliver.stein');
    const issuer = fixture.identity.issuers.muster.url;
    const asked = await browser.call('GET', `${issuer}/session/end`);
    const [, action] = /action="([^"]+)"/.exec(asked.text)!;
    const [, secret] = /name="xsrf" value="([^"]+)"/.exec(asked.text)!;
    await browser.call('POST', action!, { form: { xsrf: secret!, logout: 'yes' } });
    await eventually('the session has ended', async () => (await get(browser, '/v1/me')).status === 401);
    expect((await get(stays, '/v1/me')).status).toBe(200);
  });

  it.each([
    ['no token', {}],
    ['no JWT', { logout_token: 'x' }],
    ['an unsigned token', { logout_token: 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.' }],
  ])('by a forged message is refused: %s', async (_what, form) => {
    const answer = await new Browser().call('POST', `${fixture.api.url}/v1/sign-in/back-channel-logout`, { form });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'auth.token_invalid']);
  });
});

describe('a long session', () => {
  const due = `claims_read_at = now() - interval '16 minutes', claims_asked_at = NULL`;

  it('loses the roles of groups that its person has left', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    fixture.identity.issuers.muster.setGroups('petra.vogelsang', ['stellwerk-auditors']);
    expect((await get(browser, '/v1/me')).body.roles[0].role).toBe('customer_admin');
    await age(browser, due);
    const { body } = await get(browser, '/v1/me');
    expect(body.roles).toEqual([{ role: 'auditor', tenants: ['muster'] }]);
    fixture.identity.issuers.muster.setGroups('petra.vogelsang', ['stellwerk-admins']);
    // the refresh token was rotated: the next time works, too
    await age(browser, due);
    expect((await get(browser, '/v1/me')).body.roles[0].role).toBe('customer_admin');
  });

  it('ends when its person has no role any more', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    fixture.identity.issuers.muster.setGroups('petra.vogelsang', []);
    await age(browser, due);
    expect((await get(browser, '/v1/me')).body.code).toBe('auth.session_invalid');
    fixture.identity.issuers.muster.setGroups('petra.vogelsang', ['stellwerk-admins']);
  });

  it('goes on for an hour while the issuer is away, and no longer', async () => {
    const browser = await fixture.signedIn('william.carter');
    await fixture.database.admin.deleteFrom('outgoing_allowances').where('tenant_id', '=', 'nordlicht').execute();
    await age(browser, due);
    expect((await get(browser, '/v1/me')).status).toBe(200);
    await age(browser, `claims_read_at = now() - interval '61 minutes', claims_asked_at = NULL`);
    expect((await get(browser, '/v1/me')).status).toBe(401);
  });

  it('ends when the issuer no longer knows its person', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    fixture.identity.issuers.muster.dismiss('petra.vogelsang');
    await age(browser, due);
    expect((await get(browser, '/v1/me')).body.code).toBe('auth.session_invalid');
  });
});

describe('saving a provider', () => {
  it('is on record, with what it was before, and never shows a secret', async () => {
    const { rows } = await sql<{ text: string }>`
      SELECT to_jsonb(a)::text AS text FROM audit_entries a WHERE action = 'identity_provider.changed'`.execute(
      fixture.database.admin,
    );
    expect(rows.length).toBeGreaterThan(0);
    const shown = await fixture.call('GET', '/v1/identity-providers?tenant=muster', { as: 'msp/auditor' });
    const secret = fixture.identity.issuers.muster.secrets.web;
    for (const text of [rows.map((row) => row.text).join(), shown.text]) expect(text).not.toContain(secret);
    expect(shown.body.items[0].redirectUri).toBe(`${fixture.api.url}/v1/sign-in/callback/muster/demo`);
  });

  it('is the MSP’s owner’s alone', async () => {
    for (const as of ['muster/customer_admin', 'msp/operator'] as const) {
      const answer = await callApi(fixture.api.url, 'PUT', '/v1/identity-providers/evil', {
        headers: { ...ofMuster, authorization: `Bearer ${fixture.keyOf(as)}` },
        body: { issuer: 'https://evil.example', clientId: 'x', roles: [] },
      });
      expect([answer.status, answer.body.code]).toEqual([403, 'access.denied']);
    }
  });
});
