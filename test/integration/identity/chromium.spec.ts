import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { initialPassword } from '../../../tools/sandbox/index.js';
import { seedIdentity } from '../../../tools/sandbox/seed-identity.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';
import { launchChromium } from '../../support/chromium.js';

let fixture: IdentityFixture;
let browser: Browser;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  // what npm start loads, in the place of what the API saved
  const { msp, muster } = fixture.identity.issuers;
  await seedIdentity(fixture.database.adminUrl, { msp: msp.url, muster: muster.url });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await fixture?.stop();
});

async function signIn(page: Page): Promise<void> {
  await page.goto(`${fixture.api.url}/v1/sign-in?mail=sabine.uebelacker@muster.example`);
  await page.getByLabel('Benutzername').fill('sabine.uebelacker');
  await page.getByLabel('Passwort').fill(initialPassword('muster', 'sabine.uebelacker'));
  await page.getByRole('button', { name: 'zweitem Faktor' }).click();
  await page.waitForURL(`${fixture.api.url}/docs`);
}

/** What a script in a page gets from the API. */
function call(page: Page, method: string, path: string, headers: Record<string, string> = {}) {
  const options = { url: fixture.api.url + path, method, headers };
  return page.evaluate(
    (asked) =>
      fetch(asked.url, { method: asked.method, headers: asked.headers, credentials: 'include' }).then(
        async (response) => ({ status: response.status, body: (await response.json()) as Record<string, unknown> }),
        (error: unknown) => ({ status: 0, body: { error: String(error) } as Record<string, unknown> }),
      ),
    options,
  );
}

describe('a real browser', () => {
  it('signs in at the issuer, keeps its session from scripts, and signs out', async () => {
    const context = await browser.newContext({ locale: 'de-DE' });
    const page = await context.newPage();
    await signIn(page);
    expect(await call(page, 'GET', '/v1/me')).toMatchObject({
      status: 200,
      body: { subject: 'sabine.uebelacker@muster', secondFactor: true },
    });
    expect(await page.evaluate('document.cookie')).not.toContain('stellwerk');
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'stellwerk-session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await call(page, 'POST', '/v1/sign-out', { 'stellwerk-csrf': '1' })).toMatchObject({ status: 200 });
    expect(await call(page, 'GET', '/v1/me')).toMatchObject({ status: 401 });
    await context.close();
  });

  it('forgets what a page kept in it as soon as its person signs out', async () => {
    const context = await browser.newContext({ locale: 'de-DE' });
    const page = await context.newPage();
    await signIn(page);
    await page.evaluate(`localStorage.setItem('draft', 'leaver: j.weber')`);
    expect(await page.evaluate(`localStorage.getItem('draft')`)).toBe('leaver: j.weber');
    await call(page, 'POST', '/v1/sign-out', { 'stellwerk-csrf': '1' });
    expect(await page.evaluate(`localStorage.getItem('draft')`)).toBeNull();
    await context.close();
  });

  it('lets no page of another origin act with the session, or read anything (CSRF)', async () => {
    const context = await browser.newContext({ locale: 'de-DE' });
    const page = await context.newPage();
    await signIn(page);
    const evil = await context.newPage();
    await evil.goto(`${fixture.identity.issuers.msp.url}/health`);
    for (const [method, headers] of [
      ['GET', {}],
      ['POST', { 'stellwerk-csrf': '1' }],
    ] as const)
      expect(await call(evil, method, '/v1/sign-out', headers)).toMatchObject({ status: 0 });
    // a form needs nobody's leave to be sent, and the cookie of the same host goes with it
    const form = `<form method="post" action="${fixture.api.url}/v1/sign-out"><button>Win a prize</button></form>`;
    await evil.evaluate(`document.body.innerHTML = ${JSON.stringify(form)}`);
    await evil.getByRole('button').click();
    await evil.waitForURL(/sign-out/);
    expect(await evil.textContent('body')).toMatch(/auth\.cross_site|http\.unsupported_media_type/);
    expect(await call(page, 'GET', '/v1/me')).toMatchObject({ status: 200 });
    await context.close();
  });
});
