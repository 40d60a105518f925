import { createHmac, randomUUID } from 'node:crypto';
import { decodeJwt, type JWTPayload } from 'jose';
import * as oidc from 'openid-client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoIssuers, demoPassword } from '../../../tools/sandbox/identity/index.js';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import type { Who } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { signedInAs } from '../../support/api/session.js';
import { AUDIENCE, startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';
import { TokenIssuer, type KeysBehaviour } from '../../support/identity/token-issuer.js';

let fixture: IdentityFixture;
let own: TokenIssuer;
const started: TokenIssuer[] = [];
beforeAll(async () => {
  fixture = await startIdentityFixture();
  own = await issuerOf('muster', 'own');
  await known(own, 'jana');
  await known(own, 'ute');
});
afterAll(async () => {
  await fixture?.stop();
  for (const issuer of started) await issuer.stop();
});

/** An issuer whose tokens the test makes, saved for a tenant. */
async function issuerOf(tenant: string, name: string, change: object = {}): Promise<TokenIssuer> {
  const issuer = await TokenIssuer.start();
  started.push(issuer);
  const wish = { issuer: issuer.url, mailDomains: [], secretRef: null, tenantClaim: null, ...change };
  const saved = await fixture.putProvider(tenant, name, wish);
  if (saved.status !== 200) throw new Error(saved.text);
  return issuer;
}

/** Somebody who signed in at this issuer before. */
async function known(issuer: TokenIssuer, subject: string): Promise<void> {
  const { admin } = fixture.database;
  const { id, tenant_id } = await admin
    .selectFrom('identity_providers')
    .select(['id', 'tenant_id'])
    .where('issuer', '=', issuer.url)
    .executeTakeFirstOrThrow();
  const person_id = randomUUID();
  const person = { tenant_id, id: person_id, subject: `${subject}-${person_id}@${tenant_id}`, display_name: subject };
  await admin
    .insertInto('people')
    .values({ ...person, mail: null, language: null, source: 'issuer' })
    .execute();
  await admin.insertInto('person_identities').values({ tenant_id, provider_id: id, subject, person_id }).execute();
  const grant = { tenant_id, id: randomUUID(), person_id, role: 'requester', covers: 'home', covers_id: null } as const;
  await admin
    .insertInto('role_grants')
    .values({ ...grant, source: 'claim', granted_by: 'test' })
    .execute();
}

async function me(token: string) {
  const { status, body } = await fixture.call('GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } });
  return { status, code: body.code as string | undefined, body };
}
const refused = { status: 401, code: 'auth.token_invalid' };
const tokenOf = (claims: JWTPayload = {}, header: Record<string, unknown> = {}): Promise<string> =>
  own.sign({ sub: 'jana', aud: AUDIENCE, ...claims }, header);
const seconds = (): number => Math.floor(performance.timeOrigin / 1000 + performance.now() / 1000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an access token of an issuer', () => {
  it('of somebody who signed in in a browser is the same person, got by their own program', async () => {
    await fixture.signedIn('anna.weber');
    const { access_token: token } = await tokenForPerson('anna.weber', 'two');
    expect(await me(token)).toMatchObject({
      status: 200,
      body: { subject: 'anna.weber@msp', method: 'token', secondFactor: true, displayName: 'Anna Weber' },
    });
  });

  it('with one factor lets nobody of the MSP in', async () => {
    const { access_token: token } = await tokenForPerson('anna.weber', 'one');
    expect(await me(token)).toMatchObject({ status: 403, code: 'sign_in.second_factor_missing' });
  });

  it('of a machine is that machine, with its role, permissions and customers', async () => {
    const { access_token: token } = await tokenForMachine('msp');
    expect(await me(token)).toMatchObject(refused);
    const put = (body: object) =>
      fixture.call('PUT', '/v1/machine-clients/backup', {
        as: 'msp/owner',
        headers: { 'stellwerk-tenant': 'msp' },
        body: { provider: 'demo', clientId: 'stellwerk-machine', role: 'operator', ...body },
      });
    expect((await put({ covers: ['muster'], scopes: ['account.own', 'run.read'] })).status).toBe(200);
    const { body } = await me(token);
    expect(body).toMatchObject({ subject: 'machine:backup@msp', method: 'token', displayName: null });
    expect(body.roles).toEqual([{ role: 'operator', tenants: ['muster'] }]);
    const call = (path: string) => fixture.call('GET', path, { headers: { authorization: `Bearer ${token}` } });
    expect((await call('/v1/runs')).status).toBe(200);
    expect((await call('/v1/runs?tenant=nordlicht')).status).toBe(404);
    expect((await call('/v1/requests')).status).toBe(403);
    expect((await put({ enabled: false })).status).toBe(200);
    expect(await me(token)).toMatchObject(refused);
  });

  it('of a machine that an attacker entered while they were an owner does nothing once they are locked', async () => {
    const person = await PersonFactory.at('msp').granted('owner', 'all').in(fixture.database.admin);
    const put = async (call: { as: Who } | { headers: Record<string, string> }) =>
      fixture.call('PUT', '/v1/machine-clients/backup', {
        ...call,
        headers: { ...('headers' in call ? call.headers : {}), 'stellwerk-tenant': 'msp' },
        body: { provider: 'demo', clientId: 'stellwerk-machine', role: 'operator' },
      });
    expect((await put({ headers: await signedInAs(fixture, 'msp', person) })).body.held).toBeNull();
    const { access_token: token } = await tokenForMachine('msp');
    expect((await me(token)).body.subject).toBe('machine:backup@msp');
    await fixture.database.admin.updateTable('people').set({ status: 'locked' }).where('id', '=', person).execute();
    expect(await me(token)).toMatchObject({ status: 401, body: { detail: expect.stringContaining('held') } });
    const listed = await fixture.call('GET', '/v1/machine-clients?tenant=msp', { as: 'msp/owner' });
    expect(listed.body.items).toMatchObject([{ name: 'backup', held: 'maker_locked' }]);
    // whoever enters it anew answers for it
    expect((await put({ as: 'msp/owner' })).body.held).toBeNull();
    expect((await me(token)).status).toBe(200);
  });

  it('that a person got through a machine’s client has not the machine’s rights', async () => {
    const saved = await fixture.call('PUT', '/v1/machine-clients/robot', {
      as: 'muster/customer_admin',
      body: { provider: 'own', clientId: 'robot', role: 'customer_admin' },
    });
    expect(saved.status).toBe(200);
    expect((await me(await tokenOf({ sub: 'robot', client_id: 'robot' }))).body.subject).toBe('machine:robot@muster');
    expect((await me(await tokenOf({ client_id: 'robot' }))).body.roles[0].role).toBe('requester');
    expect(await me(await tokenOf({ sub: 'stranger', client_id: 'robot' }))).toMatchObject(refused);
    expect(await me(await tokenOf({ sub: 'robot', client_id: 'other' }))).toMatchObject(refused);
  });

  it('lets in while it holds, and half a minute longer for clocks that differ', async () => {
    expect((await me(await tokenOf())).status).toBe(200);
    expect((await me(await tokenOf({ exp: seconds() - 10 }))).status).toBe(200);
  });

  it.each<[string, () => Promise<string>]>([
    ['has expired', () => tokenOf({ exp: seconds() - 60 })],
    ['does not hold yet', () => tokenOf({ nbf: seconds() + 300 })],
    ['never expires', async () => tokenWithout('exp')],
    ['is for another API', () => tokenOf({ aud: 'urn:another' })],
    ['is for nobody', () => tokenWithout('aud')],
    ['is an ID token', () => tokenOf({ aud: 'stellwerk' })],
    ['is a logout token', () => tokenOf({}, { typ: 'logout+jwt' })],
    ['is of a person whom nobody here knows', () => tokenOf({ sub: 'nobody' })],
    ['names another issuer than the one that signed', () => tokenOf({ iss: fixture.identity.issuers.muster.url })],
    [
      'is signed by nobody (alg none)',
      async () => `${part({ alg: 'none', typ: 'at+jwt' })}.${part(decodeJwt(await tokenOf()))}.`,
    ],
    ['is signed by the public key as a secret (algorithm confusion)', () => signedByPublicKey()],
    ['brings its own key along (jwk)', () => selfSigned((jwk) => ({ jwk }))],
    ['names a file as its key (kid injection)', () => tokenOf({}, { kid: '../../../../dev/null' })],
    ['names a query as its key (kid injection)', () => tokenOf({}, { kid: "x' UNION SELECT 'secret" })],
    ['has a critical extension that nobody knows', () => tokenOf({}, { crit: ['exp2'], exp2: 1 })],
    ['is far too long', () => tokenOf({ junk: 'x'.repeat(10_000) })],
    ['was changed', async () => changed(await tokenOf())],
  ])('is refused when it %s', async (_what, make) => {
    const answer = await me(await make());
    expect(answer).toMatchObject(refused);
  });

  it.each(['jku', 'x5u'])('that says where to get its key (%s) is refused, and nobody looks there', async (where) => {
    const evil = await TokenIssuer.start();
    started.push(evil);
    const header = { kid: evil.publicKey.kid, [where]: `${evil.url}/keys` };
    expect(await me(await evil.sign({ iss: own.url, sub: 'jana', aud: AUDIENCE }, header))).toMatchObject(refused);
    expect(evil.asked).toBe(0);
  });

  it('is refused by an algorithm that is not listed for its issuer, though the issuer has such a key', async () => {
    const issuer = await TokenIssuer.start();
    started.push(issuer);
    await issuer.rotate({ alg: 'ES256' });
    const save = (algorithms: string[]) =>
      fixture.putProvider('muster', 'elliptic', {
        ...{ issuer: issuer.url, mailDomains: [], secretRef: null, tenantClaim: null, algorithms },
      });
    expect((await save(['RS256'])).status).toBe(200);
    await known(issuer, 'lea');
    const token = await issuer.sign({ sub: 'lea', aud: AUDIENCE });
    expect(await me(token)).toMatchObject(refused);
    expect((await save(['RS256', 'ES256'])).status).toBe(200);
    expect((await me(token)).status).toBe(200);
  });

  it('with the subject, name and mail of somebody at another issuer is not that person', async () => {
    const twin = await issuerOf('muster', 'twin');
    const claims = { sub: 'jana', preferred_username: 'jana', email: 'jana@muster.example', aud: AUDIENCE };
    expect(await me(await twin.sign(claims))).toMatchObject(refused);
    await known(twin, 'jana');
    const [here, there] = [await me(await tokenOf()), await me(await twin.sign(claims))];
    expect([here.status, there.status]).toEqual([200, 200]);
    expect(there.body.subject).not.toBe(here.body.subject);
    expect(await me(await tokenOf({ ...claims, sub: 'stranger' }))).toMatchObject(refused);
  });

  it('of one tenant’s issuer opens nothing at another tenant', async () => {
    const token = await tokenOf();
    const call = (path: string, headers = {}) =>
      fixture.call('GET', path, { headers: { authorization: `Bearer ${token}`, ...headers } });
    expect((await call('/v1/requests?tenant=nordlicht')).status).toBe(404);
    expect((await call('/v1/requests')).body.items).toEqual([]);
    const wish = { type: 'offboarding', user: 'eva', lastWorkingAt: '2027-01-29T17:00' };
    const foreign = await fixture.call('POST', '/v1/requests', {
      headers: { authorization: `Bearer ${token}`, 'stellwerk-tenant': 'nordlicht', 'idempotency-key': randomUUID() },
      body: wish,
    });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'tenant.not_found']);
  });

  it('of an issuer that serves two tenants is only of the one that its claim names', async () => {
    const shared = await issuerOf('muster', 'shared', { tenantClaim: { name: 'tid', value: 'm' } });
    await known(shared, 'eva');
    const second = await fixture.putProvider('nordlicht', 'shared', {
      ...{ issuer: shared.url, mailDomains: [], secretRef: null, tenantClaim: { name: 'tid', value: 'n' } },
    });
    expect(second.status).toBe(200);
    const token = (tid?: string) => shared.sign({ sub: 'eva', aud: AUDIENCE, ...(tid ? { tid } : {}) });
    expect((await me(await token('m'))).body.tenant).toBe('muster');
    expect(await me(await token('n'))).toMatchObject(refused);
    expect(await me(await token())).toMatchObject(refused);
  });

  it('that tells of groups gives no role by a group that its person has left since', async () => {
    const issuer = await issuerOf('muster', 'leaving-groups', {
      roles: [{ group: 'approvers', role: 'requester', covers: 'home', coversId: null }],
    });
    await known(issuer, 'lars');
    const token = (groups?: readonly string[]) =>
      issuer.sign({ sub: 'lars', aud: AUDIENCE, ...(groups === undefined ? {} : { groups }) });
    expect((await me(await token(['approvers', 'other']))).status).toBe(200);
    expect((await me(await token())).status).toBe(200);
    for (const groups of [[], ['other']]) expect(await me(await token(groups))).toMatchObject(refused);
  });

  it('ends with its person and its provider', async () => {
    const issuer = await issuerOf('muster', 'ending');
    await known(issuer, 'kim');
    const token = await issuer.sign({ sub: 'kim', aud: AUDIENCE });
    expect((await me(token)).status).toBe(200);
    const lock = (status: string) =>
      sql`UPDATE people SET status = ${status} WHERE display_name = 'kim'`.execute(fixture.database.admin);
    await lock('locked');
    expect(await me(token)).toMatchObject(refused);
    await lock('active');
    await sql`UPDATE person_identities SET last_sign_in_at = now() - interval '31 days' WHERE subject = 'kim'`.execute(
      fixture.database.admin,
    );
    expect(await me(token)).toMatchObject(refused);
    await sql`UPDATE person_identities SET last_sign_in_at = now() WHERE subject = 'kim'`.execute(
      fixture.database.admin,
    );
    await sql`UPDATE identity_providers SET enabled = false WHERE name = 'ending'`.execute(fixture.database.admin);
    expect(await me(token)).toMatchObject(refused);
  });
});

describe('an issuer that calls itself by another’s name', () => {
  it('is not saved, and nobody comes in by it once it does', async () => {
    const issuer = await TokenIssuer.start();
    started.push(issuer);
    issuer.name = own.url;
    const wish = { issuer: issuer.url, mailDomains: [], secretRef: null, tenantClaim: null };
    const saved = await fixture.putProvider('muster', 'pretender', wish);
    expect([saved.status, saved.body.code]).toEqual([422, 'identity_provider.refused']);
    issuer.name = `${issuer.url}/`;
    expect((await fixture.putProvider('muster', 'pretender', wish)).status).toBe(422);
    issuer.name = null;
    expect((await fixture.putProvider('muster', 'pretender', wish)).status).toBe(200);
    await known(issuer, 'pia');
    issuer.name = own.url;
    // an instance that has not read the issuer yet
    const other = await fixture.startAnother(fixture.database.urlFor('api'));
    const authorization = `Bearer ${await issuer.sign({ sub: 'pia', aud: AUDIENCE })}`;
    const answer = await fetch(`${other.url}/v1/me`, { headers: { authorization } });
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'sign_in.issuer_unavailable' }]);
  });
});

describe('an issuer’s keys', () => {
  it('are asked for once however many tokens come, and again when a new key appears, but not for each made-up one', async () => {
    const issuer = await issuerOf('muster', 'rotating');
    await known(issuer, 'uwe');
    const token = () => issuer.sign({ sub: 'uwe', aud: AUDIENCE });
    await Promise.all(Array.from({ length: 5 }, async () => me(await token())));
    expect(issuer.asked).toBe(1);
    for (let count = 0; count < 5; count++)
      await me(await issuer.sign({ sub: 'uwe', aud: AUDIENCE }, { kid: `made-up-${count}` }));
    expect(issuer.asked).toBe(1);
  });

  it.each<KeysBehaviour>(['away', 'endless', 'redirecting', 'hanging'])(
    'that are %s hold nobody up for long, and are not asked for by every token',
    async (behaviour) => {
      const issuer = await issuerOf('muster', `keys-${behaviour}`);
      await known(issuer, 'max');
      issuer.behaviour = behaviour;
      const token = await issuer.sign({ sub: 'max', aud: AUDIENCE });
      const others = me(await tokenOf());
      const began = performance.now();
      expect(await me(token)).toMatchObject({ status: 503, code: 'sign_in.issuer_unavailable' });
      expect(performance.now() - began).toBeLessThan(20_000);
      const asked = issuer.asked;
      expect(await me(token)).toMatchObject({ status: 503 });
      expect(issuer.asked).toBe(asked);
      expect((await others).status).toBe(200);
    },
  );
});

/** A person's own program gets a token for the API: authorization code with PKCE, without a secret. */
async function tokenForPerson(user: string, factors: 'one' | 'two') {
  const issuer = demoIssuers.find(({ people }) => people.some((person) => person.user === user))!;
  const { url } = fixture.identity.issuers[issuer.name];
  const client = await oidc.discovery(new URL(url), 'stellwerk-cli', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const verifier = oidc.randomPKCECodeVerifier();
  const address = oidc.buildAuthorizationUrl(client, {
    redirect_uri: 'http://127.0.0.1/signed-in',
    scope: 'openid api',
    resource: AUDIENCE,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser();
  const back = (target: URL): boolean => target.pathname === '/signed-in';
  const asked = await browser.follow(await browser.call('GET', address), back);
  const password = demoPassword(issuer.people.find((person) => person.user === user)!);
  const end = await browser.follow(await browser.call('POST', asked.url, { form: { user, password, factors } }), back);
  return oidc.authorizationCodeGrant(client, end.location!, { pkceCodeVerifier: verifier });
}

async function tokenForMachine(name: 'msp' | 'muster') {
  const { url, secrets } = fixture.identity.issuers[name];
  const client = await oidc.discovery(new URL(url), 'stellwerk-machine', secrets.machine, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  return oidc.clientCredentialsGrant(client);
}

/** jose leaves out what is undefined. */
async function tokenWithout(claim: string): Promise<string> {
  return own.sign({ sub: 'jana', aud: AUDIENCE, [claim]: undefined });
}

async function signedByPublicKey(): Promise<string> {
  const { createPublicKey } = await import('node:crypto');
  const pem = createPublicKey({ key: own.publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const head = part({ alg: 'HS256', typ: 'at+jwt', kid: own.publicKey.kid });
  const body = part(decodeJwt(await tokenOf()));
  return `${head}.${body}.${createHmac('sha256', pem).update(`${head}.${body}`).digest('base64url')}`;
}

/** A token by a key of the attacker's, which its header leads to. */
async function selfSigned(header: (jwk: object) => Record<string, unknown>): Promise<string> {
  const evil = await TokenIssuer.start();
  const jwk = { ...evil.publicKey, kid: undefined };
  const token = await evil.sign({ iss: own.url, sub: 'jana', aud: AUDIENCE }, { kid: undefined, ...header(jwk) });
  await evil.stop();
  return token;
}

function changed(token: string): string {
  const [head, body, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(body!, 'base64url').toString()) as object;
  return `${head}.${part({ ...claims, sub: 'ute' })}.${signature}`;
}
