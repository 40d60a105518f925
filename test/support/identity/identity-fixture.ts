import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '#libs/kernel';
import {
  API_AUDIENCE,
  demoIssuers,
  demoPassword,
  startIdentity,
  type Identity,
} from '../../../tools/sandbox/identity/index.js';
import { demoProviders } from '../../../tools/sandbox/identity/providers.js';
import { startApiFixture, type ApiAnswer, type ApiFixture } from '../api/api-fixture.js';
import { Browser, type BrowserAnswer } from '../../../tools/sandbox/identity/index.js';

/** The real API, with the issuers of the MSP and of muster in front of it. */
export interface IdentityFixture extends ApiFixture {
  readonly identity: Identity;
  /** Signs a browser in as somebody of an issuer; gives where it ended up. */
  signIn(browser: Browser, user: string, how?: SignInWish): Promise<BrowserAnswer>;
  /** A browser in which somebody is signed in. Throws when they are not. */
  signedIn(user: string, how?: SignInWish): Promise<Browser>;
  /** Saves a provider as the MSP's owner, changed from the demo's. */
  putProvider(tenant: string, name: string, change?: object): Promise<ApiAnswer>;
}

export interface SignInWish {
  readonly factors?: 'one' | 'two';
  /** Query of the address at which the sign-in begins; the tenant's when left out. */
  readonly query?: string;
}

/** Headers of a change that a page of ours sends. */
export const FROM_OUR_PAGE = { 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1' } as const;

export async function startIdentityFixture(): Promise<IdentityFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-identity-'));
  const secretsFile = join(dir, 'secrets.json');
  const fixture = await startApiFixture(secretsFile);
  const identity = await startIdentity({ dir, ports: { msp: 0, muster: 0 }, apiUrl: fixture.api.url });
  const { msp, muster } = identity.issuers;
  const secrets = { msp: msp.secrets.web, muster: muster.secrets.web, nordlicht: msp.secrets.web };
  const file = Object.fromEntries(
    Object.entries(secrets).map(([tenant, value]) => [tenant, { 'sign-in-demo': value }]),
  );
  writeFileSync(secretsFile, JSON.stringify(file));
  const providers = demoProviders({ msp: msp.url, muster: muster.url });
  await allowLoopback(fixture);
  const putProvider = (tenant: string, name: string, change: object = {}): Promise<ApiAnswer> =>
    fixture.call('PUT', `/v1/identity-providers/${name}`, {
      as: 'msp/owner',
      headers: { 'stellwerk-tenant': tenant },
      body: { ...providers[tenant], ...change },
    });
  for (const tenant of Object.keys(providers)) {
    const saved = await putProvider(tenant, 'demo');
    if (saved.status !== 200) throw new Error(`The provider of ${tenant} was not saved: ${saved.text}`);
  }
  const people = new Map(demoIssuers.flatMap((issuer) => issuer.people).map((person) => [person.user, person]));
  const signIn = async (browser: Browser, user: string, { factors = 'two', query }: SignInWish = {}) => {
    const person = people.get(user)!;
    const tenant = { signalhaus: 'msp', muster: 'muster', nordlicht: 'nordlicht' }[person.organisation];
    const first = await browser.call('GET', `${fixture.api.url}/v1/sign-in?${query ?? `tenant=${tenant}`}`);
    const asked = await browser.follow(first, backAt(fixture));
    // somebody whom the issuer knows already is not asked
    if (asked.location !== null) return browser.follow(asked);
    if (asked.url.origin === fixture.api.url) return asked;
    const form = { user, password: demoPassword(person), factors };
    return browser.follow(await browser.call('POST', asked.url, { form }));
  };
  return {
    ...fixture,
    identity,
    signIn,
    signedIn: async (user, how) => {
      const browser = new Browser();
      const end = await signIn(browser, user, how);
      if (end.url.pathname !== '/docs') throw new Error(`${user} is not signed in: ${end.status} ${end.text}`);
      return browser;
    },
    putProvider,
    stop: async () => {
      await identity.stop();
      await fixture.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What machines and people's own programs ask tokens for. */
export const AUDIENCE = API_AUDIENCE;

function backAt({ api }: ApiFixture): (target: URL) => boolean {
  return (target) => target.origin === api.url && target.pathname !== '/v1/sign-in';
}

/** Tenants may reach this machine, where the issuers are. */
export async function allowLoopback({ database }: Pick<ApiFixture, 'database'>): Promise<void> {
  for (const tenant of ['msp', 'muster', 'nordlicht'])
    await database.admin
      .insertInto('outgoing_allowances')
      .values({
        tenant_id: tenant,
        id: newId(),
        host: null,
        cidr: '127.0.0.1/32',
        ports: null,
        protocols: ['http'],
        reason: 'Issuers of the test.',
        created_by: 'test',
      })
      .execute();
}
