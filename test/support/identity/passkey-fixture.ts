import { expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findInvitation, linkOf } from '#libs/identity';
import { systemClock } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../api/api-fixture.js';
import { launchChromium } from '../chromium.js';
import { testMasterKeys } from '../master-keys.js';
import { PasskeyDevice } from './passkey-device.js';

export interface InvitationWish {
  readonly mail?: string;
  readonly language?: 'de' | 'en';
  readonly as?: Who;
  readonly role?: 'approver' | 'customer_admin';
}

let count = 0;

/** The real API with a real browser in front of it, whose people at muster are invited and have passkeys. */
export class PasskeyFixture {
  private constructor(
    readonly fixture: ApiFixture,
    readonly worker: Database,
    private readonly browser: Browser,
    private readonly links: MailedLinks,
    readonly origin: string,
  ) {}

  static async start(): Promise<PasskeyFixture> {
    const fixture = await startApiFixture();
    const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
    // passkeys are for names, hence the loopback's
    const origin = fixture.api.url.replace('127.0.0.1', 'localhost');
    const links = new MailedLinks(worker, new SealedValues(worker, openKeyRing(testMasterKeys())), origin);
    return new PasskeyFixture(fixture, worker, await launchChromium(), links, origin);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.worker.destroy();
    await this.fixture.stop();
  }

  device(): Promise<PasskeyDevice> {
    return PasskeyDevice.in(this.browser);
  }

  /** Invites somebody to muster; gives the invitation's id, and the link as the worker mails it. */
  async invite({ mail, language = 'de', as = 'muster/customer_admin', role = 'approver' }: InvitationWish = {}) {
    count += 1;
    const body = {
      mail: mail ?? `gast${count}@firma.example`,
      name: `Gast ${count}`,
      language,
      grants: [{ role, covers: 'home' }],
      reason: 'Sie gibt frei.',
    };
    const made = await this.fixture.call('POST', '/v1/invitations', { as, body, headers: fresh() });
    expect(made).toMatchObject({ status: 201, body: { state: 'open', sent: 1 } });
    const id = made.body.id as string;
    return { id, mail: body.mail, url: await this.linkTo(id) };
  }

  async linkTo(id: string): Promise<string> {
    const invitation = await inTenants(this.worker, ['muster'], (tx) => findInvitation(tx, ['muster'], id));
    return (await this.links.offer(linkOf(invitation!, systemClock.now()))).url;
  }

  /** Somebody who accepted an invitation in a browser of their own. */
  async accepted(wish: InvitationWish = {}) {
    const invited = await this.invite(wish);
    const device = await PasskeyDevice.in(this.browser, { locale: wish.language === 'en' ? 'en-GB' : 'de-DE' });
    await device.register(invited.url);
    const shown = await this.fixture.call('GET', `/v1/invitations/${invited.id}`, { as: 'muster/auditor' });
    return { ...invited, device, person: shown.body.person as string };
  }

  /** What our page's script sends, without a browser. */
  async post(path: string, body: object, cookie = '') {
    const headers = { 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1', ...(cookie ? { cookie } : {}) };
    const answer = await this.fixture.call('POST', path, { headers, body });
    const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0]!);
    return { ...answer, cookie: cookies.join('; ') };
  }

  begin() {
    return this.post('/v1/sign-in/passkey/options', {});
  }

  complete(credential: object, cookie: string) {
    return this.post('/v1/sign-in/passkey', { credential }, cookie);
  }

  /** Why sign-ins with somebody's passkeys were refused, as it is on record. */
  async refusals(person: string) {
    const rows = await this.fixture.database.admin
      .selectFrom('audit_entries as e')
      .innerJoin('passkeys as k', (join) => join.onRef('e.object_id', '=', (eb) => eb.cast('k.id', 'text')))
      .select('e.reason')
      .where('e.action', '=', 'sign_in.refused')
      .where('k.person_id', '=', person)
      .execute();
    return rows.map((row) => row.reason);
  }

  /** What is on record of an object. */
  async audited(object: string) {
    const entries = this.fixture.database.admin.selectFrom('audit_entries').select('action');
    return (await entries.where('object_id', '=', object).execute()).map((row) => row.action);
  }
}
