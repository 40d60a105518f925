import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openDatabase, type Database } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { inviteEmergency, inviteOwner } from '../../../tools/owner/invite-owner.js';
import { readWish, type EmergencyWish, type OwnerWish } from '../../../tools/owner/owner-wish.js';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { PasskeyDevice } from '../../support/identity/passkey-device.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { launchChromium } from '../../support/chromium.js';

let fixture: ApiFixture;
let founder: Database;
let links: MailedLinks;
let browser: Browser;
beforeAll(async () => {
  fixture = await startApiFixture();
  founder = openDatabase({ url: fixture.database.urlFor('founder'), poolSize: 2 }, 'test');
  const origin = fixture.api.url.replace('127.0.0.1', 'localhost');
  links = new MailedLinks(founder, new SealedValues(founder, openKeyRing(testMasterKeys())), origin);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await founder?.destroy();
  await fixture?.stop();
});

const first = ['create', '--mail', 'anna@signalhaus.example', '--name', 'Anna Weber'];
const safe = ['emergency', '--name', 'Tresor'];
const create = (...words: string[]) => inviteOwner(founder, links, readWish(words) as OwnerWish);
const emergency = (...words: string[]) => inviteEmergency(founder, links, readWish(words) as EmergencyWish);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

async function register(url: string): Promise<PasskeyDevice> {
  const device = await PasskeyDevice.in(browser);
  await device.page.goto(url);
  await device.page.locator('form[data-passkey] button').click();
  await device.page.getByRole('heading', { name: /Ihr Passkey ist angelegt/ }).waitFor();
  return device;
}

const people = async () =>
  (await fixture.call('GET', '/v1/people?tenant=msp', { as: 'msp/auditor' })).body.items as {
    readonly id: string;
    readonly subject: string;
    readonly source: string;
    readonly emergencyUsedAt: string | null;
    readonly grants: readonly { readonly role: string; readonly covers: string }[];
  }[];

describe('the first owner', () => {
  it('gets a link that shows a page, and a second call is refused while it is open and after', async () => {
    const { url } = await create(...first);
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Anna Weber')]);
    expect(await people()).toEqual([]);
    expect(await codeOf(create('create', '--mail', 'eve@signalhaus.example', '--name', 'Eve'))).toBe('owner.exists');
    await register(url);
    expect(await people()).toMatchObject([{ source: 'command', grants: [{ role: 'owner', covers: 'all' }] }]);
    expect(await codeOf(create('create', '--mail', 'eve@signalhaus.example', '--name', 'Eve'))).toBe('owner.exists');
  });
});

describe('an emergency account', () => {
  it('is made by a link, raises an alarm at each use, cannot silence it, and takes a second key', async () => {
    const { url } = await emergency(...safe);
    expect(await codeOf(emergency(...safe))).toBe('owner.emergency_exists');
    const device = await register(url);
    const account = (await people()).find(({ source }) => source === 'emergency')!;
    expect(account).toMatchObject({ grants: [{ role: 'owner', covers: 'all' }] });
    expect(account.emergencyUsedAt).not.toBeNull();
    const { body } = await fixture.call('GET', '/v1/alarms', { as: 'msp/auditor' });
    expect(body.items).toMatchObject([{ kind: 'emergency_account.used', account: { id: account.id } }]);
    const cookie = (await device.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1' };
    const own = await fixture.call('POST', `/v1/alarms/${body.items[0].id}/acknowledge`, {
      headers,
      body: { reason: 'It was me.' },
    });
    expect(own).toMatchObject({ status: 403, body: { code: 'alarm.own' } });
    await register((await emergency(...safe, '--key-for', account.subject)).url);
    const passkeys = await fixture.database.admin
      .selectFrom('passkeys')
      .select('id')
      .where('person_id', '=', account.id)
      .execute();
    expect(passkeys).toHaveLength(2);
    const { body: after } = await fixture.call('GET', '/v1/alarms', { as: 'msp/auditor' });
    expect(after.items).toContainEqual(
      expect.objectContaining({
        ...{ kind: 'emergency_account.changed', change: 'passkey_added', changedBy: account.subject },
        account: expect.objectContaining({ id: account.id }),
      }),
    );
    expect(after.items).toHaveLength(3);
    expect(await codeOf(emergency(...safe, '--key-for', 'anna@msp'))).toBe('owner.no_account');
  });
});
