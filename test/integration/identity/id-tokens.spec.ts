import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';
import { TokenIssuer } from '../../support/identity/token-issuer.js';

const CLIENT = 'stellwerk';
const COOKIE = 'stellwerk-session';
let fixture: IdentityFixture;
let issuer: TokenIssuer;
let other: TokenIssuer;
let provider: string;
beforeAll(async () => {
  fixture = await startIdentityFixture();
  issuer = await TokenIssuer.start();
  other = await TokenIssuer.start();
  const wish = { issuer: issuer.url, mailDomains: [], secretRef: null, tenantClaim: null };
  const saved = await fixture.putProvider('muster', 'own', wish);
  if (saved.status !== 200) throw new Error(saved.text);
  provider = saved.body.id as string;
});
afterAll(async () => {
  await fixture?.stop();
  await issuer?.stop();
  await other?.stop();
});

/** Claims right or wrong; what is undefined is left out. */
type Claims = Readonly<Record<string, unknown>>;
type TokenOf = (claims: Claims) => Promise<string>;
const signed = (by: TokenIssuer, claims: Claims, typ: string): Promise<string> =>
  by.sign(claims as JWTPayload, { typ });
const bySelf: TokenOf = (claims) => signed(issuer, claims, 'JWT');
const at = (seconds: number): number => Math.floor((performance.timeOrigin + performance.now()) / 1000) + seconds;

/** Signs in at the issuer, which answers the code by this ID token. */
async function comeBack(make: TokenOf) {
  const browser = new Browser();
  const begun = await browser.call('GET', `${fixture.api.url}/v1/sign-in?provider=${provider}`);
  const asked = begun.location!.searchParams;
  issuer.idToken = await make({
    sub: 'jana',
    aud: CLIENT,
    nonce: asked.get('nonce'),
    groups: ['stellwerk-requesters'],
  });
  const query = new URLSearchParams({ code: 'any', state: asked.get('state')! }).toString();
  const end = await browser.call('GET', `${fixture.api.url}/v1/sign-in/callback/muster/own?${query}`);
  return { end, browser, session: browser.cookie(fixture.api.url, COOKIE) };
}

describe('an ID token', () => {
  it('for this client and this sign-in lets in', async () => {
    const { end, session } = await comeBack(bySelf);
    expect([end.status, typeof session]).toEqual([303, 'string']);
  });

  it.each<[string, TokenOf]>([
    ['for another client', (claims) => bySelf({ ...claims, aud: 'another' })],
    ['for nobody', (claims) => bySelf({ ...claims, aud: undefined })],
    ['given to another client', (claims) => bySelf({ ...claims, aud: [CLIENT, 'another'], azp: 'another' })],
    ['of another sign-in (replay)', (claims) => bySelf({ ...claims, nonce: 'x'.repeat(43) })],
    ['of no sign-in of ours', (claims) => bySelf({ ...claims, nonce: undefined })],
    ['of another issuer', (claims) => bySelf({ ...claims, iss: other.url })],
    ['that another issuer signed', (claims) => signed(other, { ...claims, iss: issuer.url }, 'JWT')],
    ['that nobody signed', async (claims) => unsigned(await bySelf(claims))],
    ['that was changed', async (claims) => changed(await bySelf(claims))],
    ['that has expired', (claims) => bySelf({ ...claims, exp: at(-300) })],
  ])('%s lets nobody in', async (_what, make) => {
    const { end, session } = await comeBack(make);
    expect([end.status, JSON.parse(end.text).code, session]).toEqual([403, 'sign_in.failed', undefined]);
  });
});

describe('a logout token', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
  const logout = (claims: Claims = {}, typ = 'logout+jwt', signer = issuer): Promise<string> =>
    signed(
      signer,
      { iss: issuer.url, aud: CLIENT, sub: 'jana', jti: 'once', exp: at(120), events: { [EVENT]: {} }, ...claims },
      typ,
    );
  const send = async (logout_token: string) => {
    const path = `${fixture.api.url}/v1/sign-in/back-channel-logout`;
    return (await new Browser().call('POST', path, { form: { logout_token } })).status;
  };

  it.each<[string, () => Promise<string>]>([
    ['is an ID token', () => logout({ events: undefined, nonce: 'n' }, 'JWT')],
    ['is of another type (cross-JWT confusion)', () => logout({}, 'at+jwt')],
    ['has a nonce, as ID tokens have', () => logout({ nonce: 'n' })],
    ['tells another event', () => logout({ events: { 'http://schemas.openid.net/event/other': {} } })],
    ['names nobody', () => logout({ sub: undefined })],
    ['is for another client', () => logout({ aud: 'another' })],
    ['is signed by another issuer', () => logout({}, 'logout+jwt', other)],
    ['has expired', () => logout({ exp: at(-60) })],
    ['is six minutes old (replay)', () => logout({ iat: at(-360) })],
  ])('ends no session (forced logout) when it %s', async (_what, make) => {
    const { browser } = await comeBack(bySelf);
    expect(await send(await make())).toBe(401);
    expect((await browser.call('GET', `${fixture.api.url}/v1/me`)).status).toBe(200);
  });

  it('that is sound ends the sessions of whom it names', async () => {
    const { browser } = await comeBack(bySelf);
    expect(await send(await logout())).toBe(200);
    expect((await browser.call('GET', `${fixture.api.url}/v1/me`)).status).toBe(401);
  });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(token: string): string {
  return `${part({ alg: 'none' })}.${token.split('.')[1]}.`;
}

/** Somebody else's name, under the signature that was made for this one. */
function changed(token: string): string {
  const [head, body, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(body!, 'base64url').toString()) as object;
  return `${head}.${part({ ...claims, sub: 'petra' })}.${signature}`;
}
