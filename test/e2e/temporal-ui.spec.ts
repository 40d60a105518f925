import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import { readDevelopment, type Development } from '../../tools/demo/development.js';
import { StellwerkClient } from '../../tools/demo/stellwerk-client.js';
import type { Browser, Page } from 'playwright-core';
import { testStack } from '../support/test-stack.js';
import { launchChromium } from '../support/chromium.js';

/** What Temporal keeps is encrypted; its UI asks our codec, with the cookie of whoever is signed in at the API. */
const TENANT = 'muster';
let development: Development;
let browser: Browser;
let requestId: string;

beforeAll(async () => {
  development = readDevelopment(testStack().devJson);
  browser = await launchChromium();
  const requester = new StellwerkClient(development.api, development.keys[TENANT]!['requester']!);
  const lastWorkingAt = new Date(systemClock.now().getTime() + 86_400_000).toISOString();
  const request = { type: 'offboarding', user: 'nobody.known', lastWorkingAt };
  ({ id: requestId } = await requester.submit(request));
  // nobody's account is touched, and the workflow is there
  await requester.untilStatus(requestId, ['refused']);
});
afterAll(() => browser?.close());

async function signIn(page: Page, user: string): Promise<void> {
  const { password } = development.people['msp']!.find((person) => person.user === user)!;
  await page.goto(`${development.api}/v1/sign-in?tenant=msp`);
  await page.getByLabel('Benutzername').fill(user);
  await page.getByLabel('Passwort').fill(password);
  await page.getByRole('button', { name: 'zweitem Faktor' }).click();
  await page.waitForURL(`${development.api}/docs`);
}

/** The page of the request's workflow, as Temporal's UI draws it once our codec has answered. */
async function workflowPage(page: Page): Promise<{ readonly status: number; readonly text: string }> {
  const answer = page.waitForResponse((response) => response.url().includes('/codec/decode'));
  const workflow = encodeURIComponent(`${TENANT}/offboarding/${requestId}`);
  await page.goto(`${development.temporalUi}/namespaces/stellwerk/workflows/${workflow}`);
  const status = (await answer).status();
  const input = page.getByText(status === 200 ? requestId : /^"?[A-Za-z0-9+/]{60,}/).last();
  await input.waitFor();
  return { status, text: (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ') };
}

describe('Temporal’s own pages', () => {
  it('show an operator who is signed in what a workflow was given', async () => {
    const page = await (await browser.newContext({ locale: 'de-DE' })).newPage();
    await signIn(page, 'tim.kaya');
    const { status, text } = await workflowPage(page);
    expect(status).toBe(200);
    expect(text).toContain(`"tenant": "${TENANT}"`);
    expect(text).toContain(`"requestId": "${requestId}"`);
    await page.context().close();
  });

  it('show cipher text to whoever is not signed in at the API', async () => {
    const page = await (await browser.newContext({ locale: 'de-DE' })).newPage();
    const { status, text } = await workflowPage(page);
    expect(status).toBe(401);
    expect(text).not.toContain('"requestId"');
    await page.context().close();
  });
});
