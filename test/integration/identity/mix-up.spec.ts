import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, demoIssuers, demoPassword } from '../../../tools/sandbox/identity/index.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';
import { TokenIssuer } from '../../support/identity/token-issuer.js';

let fixture: IdentityFixture;
let attacker: TokenIssuer;
let provider: string;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  attacker = await TokenIssuer.start();
  attacker.authorizationEndpoint = `${fixture.identity.issuers.muster.url}/auth`;
  const wish = { issuer: attacker.url, clientId: 'stellwerk', mailDomains: [], secretRef: null, tenantClaim: null };
  const saved = await fixture.putProvider('nordlicht', 'evil', wish);
  if (saved.status !== 200) throw new Error(saved.text);
  provider = saved.body.id;
});
afterAll(async () => {
  await fixture?.stop();
  await attacker?.stop();
});

const begin = (browser: Browser) => browser.call('GET', `${fixture.api.url}/v1/sign-in?provider=${provider}`);
const isCallback = (target: URL): boolean => target.pathname.startsWith('/v1/sign-in/callback');

/** Signs in at the honest issuer by an address of the attacker's; gives where its answer goes. */
async function answerOfHonest(browser: Browser, address: URL): Promise<URL> {
  const asked = await browser.follow(await browser.call('GET', address), isCallback);
  const person = demoIssuers[1]!.people[0]!;
  const form = { user: person.user, password: demoPassword(person), factors: 'one' };
  return (await browser.follow(await browser.call('POST', asked.url, { form }), isCallback)).location!;
}

describe('an issuer whose metadata name the sign-in page of an honest one (mix-up)', () => {
  it('gets nobody to it: the honest one knows no such way back', async () => {
    const browser = new Browser();
    const begun = await begin(browser);
    expect(begun.location!.origin).toBe(fixture.identity.issuers.muster.url);
    expect(begun.location!.searchParams.get('redirect_uri')).toBe(
      `${fixture.api.url}/v1/sign-in/callback/nordlicht/evil`,
    );
    const refused = await browser.call('GET', begun.location!);
    expect([refused.status, refused.location]).toEqual([400, null]);
  });

  it.each([
    ['honest one’s own address', 'muster/demo'],
    ['address of another tenant’s provider of that name', 'msp/demo'],
  ])('never gets the code and its verifier, sent back by the %s without a name of the issuer', async (_what, back) => {
    const browser = new Browser();
    const address = (await begin(browser)).location!;
    address.searchParams.set('redirect_uri', `${fixture.api.url}/v1/sign-in/callback/${back}`);
    const target = await answerOfHonest(browser, address);
    expect(target.searchParams.get('code')).toEqual(expect.any(String));
    target.searchParams.delete('iss');
    const end = await browser.call('GET', target);
    expect([end.status, JSON.parse(end.text).code]).toEqual([403, 'sign_in.failed']);
    expect(attacker.codes).toBe(0);
    // nor is that sign-in there any more for a second try
    target.pathname = '/v1/sign-in/callback/nordlicht/evil';
    expect(JSON.parse((await browser.call('GET', target)).text).code).toBe('sign_in.not_begun');
    expect(attacker.codes).toBe(0);
  });

  it('finds no address that all providers have in common', async () => {
    const browser = new Browser();
    const state = (await begin(browser)).location!.searchParams.get('state')!;
    const end = await browser.call('GET', `${fixture.api.url}/v1/sign-in/callback?code=any&state=${state}`);
    expect(end.status).toBe(404);
    expect(attacker.codes).toBe(0);
  });
});
