import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId, systemClock } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { fresh } from '../../support/api/api-fixture.js';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import { FROM_OUR_PAGE, startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await startIdentityFixture();
});
afterAll(() => fixture?.stop());

const COOKIE = 'stellwerk-session';
const url = (path: string): string => fixture.api.url + path;
const me = async (browser: Browser) => {
  const answer = await browser.call('GET', url('/v1/me'));
  return { status: answer.status, body: JSON.parse(answer.text) };
};

describe('signing in', () => {
  it('makes a person of whoever comes for the first time, with the roles of their groups', async () => {
    const browser = await fixture.signedIn('petra.vogelsang', { factors: 'one' });
    expect(await me(browser)).toMatchObject({
      status: 200,
      body: {
        subject: 'petra.vogelsang@muster',
        displayName: 'Petra Vogelsang',
        mail: 'petra.vogelsang@muster.example',
        tenant: 'muster',
        method: 'session',
        secondFactor: false,
        roles: [{ role: 'customer_admin', tenants: ['muster'] }],
        session: { provider: 'demo', isCurrent: true },
      },
    });
  });

  it('with two factors lets people of the MSP in, for every customer', async () => {
    const { body } = await me(await fixture.signedIn('anna.weber'));
    expect(body).toMatchObject({ subject: 'anna.weber@msp', kind: 'msp', secondFactor: true });
    expect(body.roles).toEqual([{ role: 'owner', tenants: ['msp', 'muster', 'nordlicht'] }]);
  });

  it('with one factor is refused to people of the MSP, and no session with fewer roles comes of it', async () => {
    const browser = new Browser({ accept: 'application/json' });
    const end = await fixture.signIn(browser, 'tim.kaya', { factors: 'one' });
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.second_factor_missing']);
    expect(browser.cookie(fixture.api.url, COOKIE)).toBeUndefined();
    // the issuer has them signed in with one factor: asked again, they can show the second
    const again = await fixture.signIn(browser, 'tim.kaya', { query: 'tenant=msp&again=true' });
    expect(again.url.pathname).toBe('/docs');
  });

  it('tells people in a browser by a page, in their language, how to go on', async () => {
    const browser = new Browser({ accept: 'text/html', 'accept-language': 'de', 'sec-fetch-site': 'none' });
    const end = await fixture.signIn(browser, 'lea.brandt', { factors: 'one' });
    expect(end.status).toBe(403);
    expect(end.text).toContain('Ein zweiter Faktor fehlt');
    expect(end.text).toMatch(/href="\/v1\/sign-in\?provider=[0-9a-f-]{36}&#38;again=true"/);
  });

  it('without a group that gives a role is refused, and makes no person', async () => {
    const browser = new Browser();
    const end = await fixture.signIn(browser, 'jana.keller');
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.no_role']);
    const people = await fixture.database.admin.selectFrom('people').select('subject').execute();
    expect(people.map(({ subject }) => subject)).not.toContain('jana.keller@muster');
  });

  it('at an issuer that serves several tenants is only for those whose claim says so', async () => {
    const { body } = await me(await fixture.signedIn('william.carter'));
    expect(body).toMatchObject({ subject: 'william.carter@nordlicht', tenant: 'nordlicht', kind: 'customer' });
    const end = await fixture.signIn(new Browser(), 'william.carter', { query: 'tenant=msp' });
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.not_admitted']);
  });

  it.each([
    ['an unknown tenant', 'tenant=nobody'],
    ['a customer without an identity provider', 'tenant=quiet'],
    ['a suspended customer', 'tenant=paused'],
    ['an unknown mail domain', 'mail=jana%40nowhere.example'],
    ['an unknown provider', 'provider=01975d1c-7a00-7000-8000-00000000dead'],
    ['nothing, where there are several', ''],
  ])('answers %s alike: who is a customer is told by an identity provider alone', async (_what, query) => {
    const tenants = [
      { id: 'quiet', name: 'Quiet', kind: 'customer', time_zone: 'Europe/Berlin' },
      { id: 'paused', name: 'Paused', kind: 'customer', time_zone: 'Europe/Berlin', status: 'suspended' },
    ] as const;
    await fixture.database.admin
      .insertInto('tenants')
      .values([...tenants])
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const asked = async (search: string) => {
      const { status, text, headers } = await new Browser().call('GET', url(`/v1/sign-in?${search}`));
      return {
        status,
        text: text.replace(/"requestId":"[^"]+"|"instance":"[^"]+"/g, ''),
        cookies: headers.getSetCookie(),
      };
    };
    const answer = await asked(query);
    expect([answer.status, answer.cookies]).toEqual([404, []]);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'sign_in.no_provider' });
    expect(answer).toEqual(await asked('tenant=made-up'));
  });

  it('leads by the mail’s domain alone: whether the person exists is not told', async () => {
    for (const user of ['petra.vogelsang', 'nobody.at.all']) {
      const begun = await new Browser().call('GET', url(`/v1/sign-in?mail=${user}%40muster.example`));
      expect([begun.status, begun.location?.origin]).toEqual([303, fixture.identity.issuers.muster.url]);
      expect(begun.location!.searchParams.get('login_hint')).toBeNull();
    }
  });

  it('keeps its cookie from scripts and other sites', async () => {
    const begun = await new Browser().call('GET', url('/v1/sign-in?tenant=muster'));
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^stellwerk-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  it('takes no name that a key goes by, or went by: its history and its seat in policies would be theirs', async () => {
    const { admin } = fixture.database;
    const key = {
      tenant_id: 'muster',
      id: newId(),
      role: 'approver',
      subject: 'Sabine.Uebelacker@muster',
      name: 'old',
    } as const;
    await admin
      .insertInto('api_keys')
      .values({ ...key, key_hash: hashOfApiKey(newApiKey()), revoked_at: systemClock.now() })
      .execute();
    const end = await fixture.signIn(new Browser(), 'sabine.uebelacker');
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.not_admitted']);
    await admin.deleteFrom('api_keys').where('id', '=', key.id).execute();
    await fixture.signedIn('sabine.uebelacker');
  });

  it('leaves no trace of where from once its person is erased', async () => {
    await fixture.signedIn('sabine.uebelacker');
    const { admin } = fixture.database;
    await admin
      .updateTable('people')
      .set({ status: 'closed' })
      .where('subject', '=', 'sabine.uebelacker@muster')
      .execute();
    const placesOf = async () => (await admin.selectFrom('sign_in_places').select('account').execute()).length;
    const before = await placesOf();
    const erased = await fixture.call('POST', '/v1/tenants/muster/person-erasures', {
      as: 'muster/customer_admin',
      headers: fresh(),
      body: { user: 'sabine.uebelacker', reason: 'Art. 17' },
    });
    expect(erased).toMatchObject({ status: 201, body: { changed: { sign_in_places: 1, person_addresses: 1 } } });
    expect(await placesOf()).toBe(before - 1);
    const { rows } = await sql<{ mail: string }>`SELECT mail FROM person_addresses WHERE mail ~ 'sabine'`.execute(
      admin,
    );
    expect(rows).toEqual([]);
  });

  it('is refused to locked people, and their open sessions end', async () => {
    const browser = await fixture.signedIn('oliver.stein');
    const lock = (status: 'locked' | 'active') =>
      fixture.database.admin
        .updateTable('people')
        .set({ status })
        .where('subject', '=', 'oliver.stein@muster')
        .execute();
    await lock('locked');
    expect((await me(browser)).body.code).toBe('auth.session_invalid');
    const end = await fixture.signIn(browser, 'oliver.stein');
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.not_admitted']);
    await lock('active');
    expect((await me(browser)).status).toBe(401);
    await fixture.signedIn('oliver.stein');
  });

  it('takes away the roles of groups that somebody has left, at the next sign-in', async () => {
    const issuer = fixture.identity.issuers.muster;
    await fixture.signedIn('markus.hoffmann');
    issuer.setGroups('markus.hoffmann', ['stellwerk-requesters']);
    const { body } = await me(await fixture.signedIn('markus.hoffmann'));
    expect(body.roles).toEqual([{ role: 'requester', tenants: ['muster'] }]);
    issuer.setGroups('markus.hoffmann', []);
    const other = await fixture.signIn(new Browser(), 'markus.hoffmann');
    expect(JSON.parse(other.text).code).toBe('sign_in.no_role');
    issuer.setGroups('markus.hoffmann', ['stellwerk-approvers']);
  });

  it('is on record, and so is what was refused', async () => {
    const { rows } = await sql<{ action: string; reason: string | null }>`
      SELECT action, reason FROM audit_entries WHERE action LIKE 'sign_in.%' OR action LIKE 'session.%' OR action = 'roles.changed'`.execute(
      fixture.database.admin,
    );
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'session.started' }),
        expect.objectContaining({ action: 'sign_in.refused', reason: 'second_factor' }),
        expect.objectContaining({ action: 'sign_in.refused', reason: 'locked' }),
        expect.objectContaining({ action: 'roles.changed' }),
      ]),
    );
  });
});

describe('a changed or forged way back', () => {
  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'docs',
  ])('does not lead to another site: %j', async (returnTo) => {
    const query = new URLSearchParams({ tenant: 'muster', returnTo }).toString();
    const answer = await new Browser().call('GET', url(`/v1/sign-in?${query}`));
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'http.invalid_query']);
  });

  it('leads to a path of ours', async () => {
    const browser = new Browser();
    const end = await fixture.signIn(browser, 'petra.vogelsang', { query: 'tenant=muster&returnTo=/v1/me' });
    expect([end.status, end.url.href]).toEqual([200, url('/v1/me')]);
  });
});

describe('a callback', () => {
  /** Somebody at the issuer's last redirect, which is not called. */
  async function stopBefore(browser: Browser): Promise<URL> {
    const to = (target: URL): boolean => target.pathname === '/v1/sign-in/callback/muster/demo';
    const asked = await browser.follow(await browser.call('GET', url('/v1/sign-in?tenant=muster')), to);
    if (asked.location) return asked.location;
    const { demoIssuers, demoPassword } = await import('../../../tools/sandbox/identity/index.js');
    const person = demoIssuers[1]!.people[0]!;
    const form = { user: person.user, password: demoPassword(person), factors: 'one' };
    return (await browser.follow(await browser.call('POST', asked.url, { form }), to)).location!;
  }
  const codeOf = async (browser: Browser, target: URL) => {
    const answer = await browser.call('GET', target);
    return [answer.status, JSON.parse(answer.text).code, browser.cookie(fixture.api.url, COOKIE)];
  };

  it('in another browser than the one that began is refused (login CSRF)', async () => {
    const target = await stopBefore(new Browser());
    expect(await codeOf(new Browser(), target)).toEqual([400, 'sign_in.not_begun', undefined]);
  });

  it('with the state of another sign-in is refused', async () => {
    const victim = new Browser();
    await victim.call('GET', url('/v1/sign-in?tenant=muster'));
    const target = await stopBefore(new Browser());
    expect(await codeOf(victim, target)).toEqual([403, 'sign_in.failed', undefined]);
  });

  it('is taken once', async () => {
    const browser = new Browser();
    const target = await stopBefore(browser);
    const kept = browser.cookie(fixture.api.url, 'stellwerk-sign-in')!;
    expect((await browser.call('GET', target)).status).toBe(303);
    browser.setCookie(fixture.api.url, 'stellwerk-sign-in', kept);
    const again = await browser.call('GET', target);
    expect(JSON.parse(again.text).code).toBe('sign_in.not_begun');
  });

  it('that names another issuer is refused (mix-up)', async () => {
    const browser = new Browser();
    const target = await stopBefore(browser);
    target.searchParams.set('iss', fixture.identity.issuers.msp.url);
    expect(await codeOf(browser, target)).toEqual([403, 'sign_in.failed', undefined]);
  });

  it('without the issuer’s name is refused where the issuer always names itself', async () => {
    const browser = new Browser();
    const target = await stopBefore(browser);
    target.searchParams.delete('iss');
    expect(await codeOf(browser, target)).toEqual([403, 'sign_in.failed', undefined]);
  });

  it('with a made-up code is refused', async () => {
    const browser = new Browser();
    const target = await stopBefore(browser);
    target.searchParams.set('code', 'made-up');
    expect(await codeOf(browser, target)).toEqual([403, 'sign_in.failed', undefined]);
  });

  it('that comes too late is refused', async () => {
    const browser = new Browser();
    const target = await stopBefore(browser);
    await sql`UPDATE sign_in_flows SET expires_at = now()`.execute(fixture.database.admin);
    expect(await codeOf(browser, target)).toEqual([400, 'sign_in.not_begun', undefined]);
  });

  it('gives a session token that nobody could have planted (session fixation), and ends the old session', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    const old = browser.cookie(fixture.api.url, COOKIE)!;
    await fixture.signIn(browser, 'petra.vogelsang');
    const fresh = browser.cookie(fixture.api.url, COOKIE)!;
    expect(fresh).not.toBe(old);
    browser.setCookie(fixture.api.url, COOKIE, old);
    expect((await me(browser)).body.code).toBe('auth.session_invalid');
    browser.setCookie(fixture.api.url, COOKIE, 'x'.repeat(43));
    const planted = await fixture.signIn(browser, 'petra.vogelsang');
    expect(planted.url.pathname).toBe('/docs');
    expect(browser.cookie(fixture.api.url, COOKIE)).not.toBe('x'.repeat(43));
  });

  it('leaves nothing in our tables by which somebody could sign in', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    const token = browser.cookie(fixture.api.url, COOKIE)!;
    const { rows } = await sql<{ row: string }>`SELECT to_jsonb(s)::text AS row FROM sessions s`.execute(
      fixture.database.admin,
    );
    const kept = rows.map(({ row }) => row).join('\n');
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    expect(kept).not.toMatch(/eyJ/);
  });
});

describe('a change that comes with the cookie', () => {
  it.each([
    ['without our header', { 'sec-fetch-site': 'same-origin' }],
    ['from another site', { ...FROM_OUR_PAGE, 'sec-fetch-site': 'cross-site' }],
    ['from a sister host', { ...FROM_OUR_PAGE, 'sec-fetch-site': 'same-site' }],
    ['from an old browser at another site', { origin: 'https://evil.example', 'stellwerk-csrf': '1' }],
    ['from nobody knows where', { 'stellwerk-csrf': '1' }],
    ['from a page in a sandbox', { origin: 'null', 'stellwerk-csrf': '1' }],
  ])('is refused %s (CSRF)', async (_what, headers) => {
    const browser = await fixture.signedIn('petra.vogelsang');
    const answer = await browser.call('POST', url('/v1/sign-out'), { headers });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'auth.cross_site']);
    expect((await me(browser)).status).toBe(200);
  });

  it.each([
    ['a browser', FROM_OUR_PAGE],
    ['an old browser', { origin: 'own', 'stellwerk-csrf': '1' }],
  ])('is taken from our page in %s', async (_what, given) => {
    const browser = await fixture.signedIn('petra.vogelsang');
    const headers = 'origin' in given ? { ...given, origin: fixture.api.url } : given;
    expect((await browser.call('POST', url('/v1/sign-out'), { headers })).status).toBe(200);
    expect((await me(browser)).status).toBe(401);
  });
});
