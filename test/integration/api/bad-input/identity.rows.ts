import { newId } from '#libs/kernel';
import { PersonFactory } from '../../../support/api/people.factory.js';
import { allowLoopback } from '../../../support/identity/identity-fixture.js';
import { TokenIssuer } from '../../../support/identity/token-issuer.js';
import { answeredBy, at, get, NO_ID, RETRY, type Sent } from './row.js';
import type { Undo, World } from './world.js';

const NOBODY_LISTENS = 'http://127.0.0.1:1';
const OURS = { 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1' };
const AUDIENCE = 'urn:stellwerk:api';

const withCookie =
  (method: string, path: string, headers: Record<string, string> = OURS) =>
  (): Sent => ({ method, path, headers: { cookie: `stellwerk-session=${'x'.repeat(43)}`, ...headers } });
const withToken = (token: () => string) => (): Sent => ({
  path: '/v1/requests',
  headers: { authorization: `Bearer ${token()}` },
});
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object): string => `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part(claims)}.AAAA`;

const putProvider =
  (change: object, tenant = 'muster', name = 'entra') =>
  (): Sent => ({
    method: 'PUT',
    path: `/v1/identity-providers/${name}`,
    as: 'msp/owner',
    headers: { 'stellwerk-tenant': tenant },
    body: { issuer: NOBODY_LISTENS, clientId: 'stellwerk', roles: [], enabled: false, ...change },
  });
const putMachine = (change: object) => (): Sent => ({
  method: 'PUT',
  path: '/v1/machine-clients/backup',
  as: 'msp/owner',
  headers: { 'stellwerk-tenant': 'muster' },
  body: { provider: 'kept', clientId: 'backup', role: 'requester', ...change },
});

/** A provider as the table keeps it, until the row is over. */
export function provider(tenant: string, name: string, issuer: string) {
  return async ({ fixture: { database } }: World): Promise<Undo> => {
    const id = newId();
    const claims = { subject: 'sub', userName: 'preferred_username', name: 'name', mail: 'email', groups: 'groups' };
    const rules = { scopes: ['openid'], roles: [], algorithms: ['RS256'], secondFactor: { acr: [], amr: ['mfa'] } };
    const settings = { ...rules, claims, justInTime: true, sessionIdleMinutes: 60, sessionHours: 12 };
    const row = {
      tenant_id: tenant,
      id,
      name,
      issuer,
      client_id: 'x',
      secret_ref: null,
      set_by: 'test',
      enabled: true,
    };
    const claim = { tenant_claim: null, tenant_claim_value: null, api_audience: AUDIENCE };
    await database.admin
      .insertInto('identity_providers')
      .values({ ...row, ...claim, settings: JSON.stringify(settings), mail_domains: ['kept.example'] })
      .execute();
    return async () => {
      await database.admin.deleteFrom('person_identities').where('provider_id', '=', id).execute();
      await database.admin.deleteFrom('identity_providers').where('id', '=', id).execute();
    };
  };
}

let oneFactor = '';

/** Somebody of the MSP has a sound token that was got with a password alone. */
async function mspWithOneFactor(world: World): Promise<Undo> {
  const issuer = await TokenIssuer.start();
  const undo = await provider('msp', 'one-factor', issuer.url)(world);
  const { admin } = world.fixture.database;
  await allowLoopback(world.fixture);
  const personId = await PersonFactory.at('msp').granted('operator', 'all').in(admin);
  const { id } = await admin
    .selectFrom('identity_providers')
    .select('id')
    .where('issuer', '=', issuer.url)
    .executeTakeFirstOrThrow();
  const identity = { tenant_id: 'msp', provider_id: id, subject: 'anna', person_id: personId };
  await admin.insertInto('person_identities').values(identity).execute();
  oneFactor = await issuer.sign({ sub: 'anna', aud: AUDIENCE, amr: ['pwd'] });
  return async () => {
    await undo();
    await issuer.stop();
  };
}

/** Sessions, tokens and what is saved about issuers. */
export const identityRows = [
  ...answeredBy(401, 'auth.session_invalid', ['a session that nobody has', withCookie('GET', '/v1/me')]),
  ...answeredBy(403, 'auth.cross_site', ['a change from another site', withCookie('POST', '/v1/sign-out', {})]),
  ...answeredBy(
    401,
    'auth.token_invalid',
    ['a token of an unknown issuer', withToken(() => unsigned({ iss: 'https://evil.example', sub: 'x' }))],
    ['a token without issuer', withToken(() => unsigned({ sub: 'x' }))],
    ['a token of no JSON', withToken(() => 'a.b.c')],
  ),
  ...answeredBy(503, 'sign_in.issuer_unavailable', [
    'a token of an issuer that is away',
    withToken(() => unsigned({ iss: NOBODY_LISTENS, sub: 'x' })),
    { ...RETRY, given: provider('muster', 'away', NOBODY_LISTENS) },
  ]),
  ...answeredBy(403, 'sign_in.second_factor_missing', [
    'a token of the MSP with one factor',
    withToken(() => oneFactor),
    { given: mspWithOneFactor },
  ]),
  ...answeredBy(404, 'session.not_found', [
    'ending no session',
    () => ({ method: 'DELETE', path: `/v1/sessions/${NO_ID}`, as: 'muster/requester' }),
  ]),
  ...answeredBy(404, 'person.not_found', ['sessions of nobody', get(`/v1/people/${NO_ID}/sessions`, 'msp/owner')]),
  ...answeredBy(
    422,
    'identity_provider.refused',
    ['an issuer without TLS', putProvider({ issuer: 'http://login.example' }), at('issuer', 'refused')],
    ['an issuer with a query', putProvider({ issuer: 'https://login.example/?a' }), at('issuer', 'refused')],
    ['an issuer with a login', putProvider({ issuer: 'https://a:b@login.example' }), at('issuer', 'refused')],
    ['an issuer that does not answer', putProvider({ enabled: true }), at('issuer', 'refused')],
    [
      'the metadata service as an issuer (SSRF)',
      putProvider({ enabled: true, issuer: 'https://169.254.169.254' }),
      at('issuer', 'refused'),
    ],
    [
      'a system’s secret for an issuer',
      putProvider({ secretRef: 'secret://directory-bind' }),
      at('secretRef', 'refused'),
    ],
    ['ID tokens as access tokens', putProvider({ apiAudience: 'stellwerk' }), at('apiAudience', 'refused')],
    [
      'an owner at a customer',
      putProvider({ roles: [{ group: 'g', role: 'owner', covers: 'all' }] }),
      at('roles.0', 'refused'),
    ],
    [
      'a customer’s role for another customer',
      putProvider({ roles: [{ group: 'g', role: 'requester', covers: 'tenant', coversId: 'nordlicht' }] }),
      at('roles.0', 'refused'),
    ],
    [
      'an MSP without a second factor',
      putProvider({ secondFactor: { amr: [] } }, 'msp'),
      at('secondFactor', 'refused'),
    ],
    [
      'a role for a group of customers that there is not',
      putProvider({ roles: [{ group: 'g', role: 'operator', covers: 'group', coversId: NO_ID }] }, 'msp'),
      at('roles.0.coversId', 'refused'),
    ],
    [
      'another issuer under a known name',
      putProvider({}, 'muster', 'kept'),
      { ...at('issuer', 'refused'), given: provider('muster', 'kept', 'https://kept.example') },
    ],
  ),
  ...answeredBy(
    409,
    'identity_provider.taken',
    [
      'another tenant’s issuer without a claim that tells them apart',
      putProvider({ issuer: 'https://kept.example' }),
      { given: provider('nordlicht', 'kept', 'https://kept.example') },
    ],
    [
      'another tenant’s mail domain',
      putProvider({ mailDomains: ['kept.example'] }),
      { given: provider('nordlicht', 'kept', 'https://other.example') },
    ],
  ),
  ...answeredBy(
    422,
    'request.invalid',
    ['an algorithm with a shared secret', putProvider({ algorithms: ['HS256'] }), at('algorithms', 'not_allowed')],
    ['no algorithm', putProvider({ algorithms: [] }), at('algorithms', 'empty')],
    ['unsigned tokens', putProvider({ algorithms: ['none'] }), at('algorithms', 'not_allowed')],
    [
      'a role without its group',
      putProvider({ roles: [{ role: 'auditor', covers: 'home' }] }),
      at('roles.0.group', 'missing'),
    ],
    ['a domain that is none', putProvider({ mailDomains: ['@x'] }), at('mailDomains', 'not_a_domain')],
    ['a session without end', putProvider({ sessionHours: 999 }), at('sessionHours', 'too_large')],
    ['a name of capitals', putProvider({}, 'muster', 'Entra'), at('name', 'not_text')],
  ),
  ...answeredBy(404, 'identity_provider.not_found', ['a machine of no provider', putMachine({ provider: 'nothing' })]),
  ...answeredBy(
    422,
    'machine_client.refused',
    [
      'a machine that is an owner at a customer',
      putMachine({ role: 'owner' }),
      { ...at('role', 'refused'), given: provider('muster', 'kept', 'https://kept.example') },
    ],
    [
      'a machine with a made-up permission',
      putMachine({ scopes: ['everything'] }),
      { ...at('scopes', 'refused'), given: provider('muster', 'kept', 'https://kept.example') },
    ],
    [
      'a customer’s machine for another customer',
      putMachine({ covers: ['nordlicht'] }),
      { ...at('covers', 'refused'), given: provider('muster', 'kept', 'https://kept.example') },
    ],
  ),
];
