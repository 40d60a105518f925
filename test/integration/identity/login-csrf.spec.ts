import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Browser as PlainBrowser } from '../../../tools/sandbox/identity/index.js';
import { initialPassword } from '../../../tools/sandbox/index.js';
import { launchChromium } from '../../support/chromium.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';

let fixture: IdentityFixture;
let browser: Browser;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await fixture?.stop();
});

const url = (path: string): string => fixture.api.url + path;
const SIGN_IN = '/v1/sign-in?tenant=muster&returnTo=%2Fv1%2Fme';
const SUBJECT = 'sabine.uebelacker@muster';

/** Somebody whom the issuer knows and asks no more, with or without a session here: as an attacker's issuer would have it. */
async function knownAtIssuer(session: 'kept' | 'ended'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ locale: 'de-DE' });
  const page = await context.newPage();
  await page.goto(url(SIGN_IN));
  await page.getByLabel('Benutzername').fill('sabine.uebelacker');
  await page.getByLabel('Passwort').fill(initialPassword('muster', 'sabine.uebelacker'));
  await page.getByRole('button', { name: 'zweitem Faktor' }).click();
  await page.waitForURL(url('/v1/me'));
  if (session === 'ended') await context.clearCookies({ name: 'stellwerk-session' });
  return { context, page };
}

/** A page of another site: to a browser, one machine by two names is two sites. */
async function anotherSite(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const { port } = new URL(fixture.identity.issuers.msp.url);
  await page.goto(`http://localhost:${port}/health`);
  return page;
}

const cookieNames = async (context: BrowserContext): Promise<string[]> =>
  (await context.cookies(fixture.api.url)).map(({ name }) => name).filter((name) => name.startsWith('stellwerk'));

describe('another site', () => {
  it('signs nobody in by a link (login CSRF): a page asks, and its button goes on', async () => {
    const { context } = await knownAtIssuer('ended');
    const evil = await anotherSite(context);
    await evil.evaluate(`location.href = ${JSON.stringify(url(SIGN_IN))}`);
    await evil.getByRole('heading', { name: 'Möchten Sie sich anmelden?' }).waitFor();
    expect(new URL(evil.url()).pathname).toBe('/v1/sign-in');
    expect(await cookieNames(context)).toEqual([]);
    await evil.getByRole('button', { name: 'Weiter zur Anmeldung' }).click();
    await evil.waitForURL(url('/v1/me'));
    expect(await evil.textContent('body')).toContain(SUBJECT);
    await context.close();
  });

  it('presses the button in nobody’s place (login CSRF by a form)', async () => {
    const { context } = await knownAtIssuer('ended');
    const evil = await anotherSite(context);
    const form = `<form method="post" action="${url(SIGN_IN)}"><button>Win a prize</button></form>`;
    await evil.evaluate(`document.body.innerHTML = ${JSON.stringify(form)}`);
    await evil.getByRole('button').click();
    await evil.getByRole('heading', { name: 'Das kam nicht von unserer Seite' }).waitFor();
    expect(await cookieNames(context)).toEqual([]);
    await context.close();
  });

  it('replaces nobody’s session, not even by a link that its person opens from a mail', async () => {
    const { context, page } = await knownAtIssuer('kept');
    await page.goto(url(SIGN_IN));
    expect(await page.textContent('main')).toContain(`In diesem Browser ist schon jemand angemeldet: ${SUBJECT}.`);
    expect(await cookieNames(context)).toEqual(['stellwerk-session']);
    await page.goto(url('/v1/me'));
    expect(await page.textContent('body')).toContain(SUBJECT);
    await context.close();
  });
});

describe('a sign-in that', () => {
  const page = { accept: 'text/html' };
  it.each([
    ['another site begins', { 'sec-fetch-site': 'cross-site' }, 'asked'],
    ['a sister host begins', { 'sec-fetch-site': 'same-site' }, 'asked'],
    ['another site begins in an old browser', { ...page, referer: 'https://evil.example/win' }, 'asked'],
    ['a site begins in an old browser that it told to keep quiet', page, 'asked'],
    ['its person begins by a bookmark', { ...page, 'sec-fetch-site': 'none' }, 'begun'],
    ['our page begins', { ...page, 'sec-fetch-site': 'same-origin' }, 'begun'],
    ['our page begins in an old browser', { ...page, referer: 'own' }, 'begun'],
    ['a program begins', { accept: '*/*' }, 'begun'],
  ])('%s is judged by what browsers say of it', async (_what, given, expected) => {
    const headers: Record<string, string> = { ...given };
    if (headers['referer'] === 'own') headers['referer'] = url('/sign-in');
    const answer = await new PlainBrowser(headers).call('GET', url('/v1/sign-in?tenant=muster'));
    expect(answer.status).toBe(expected === 'asked' ? 200 : 303);
    expect(answer.headers.getSetCookie()).toHaveLength(expected === 'asked' ? 0 : 1);
    if (expected === 'asked') expect(answer.headers.get('content-security-policy')).toContain("form-action 'self'");
  });

  it('a link begins asks alike at customers and at nobody’s', async () => {
    const led = new PlainBrowser({ 'sec-fetch-site': 'cross-site' });
    const pageOf = async (tenant: string) =>
      (await led.call('GET', url(`/v1/sign-in?tenant=${tenant}`))).text.replace(tenant, '…');
    expect(await pageOf('nobody')).toBe(await pageOf('muster'));
  });
});
