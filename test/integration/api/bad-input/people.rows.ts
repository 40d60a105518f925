import { provider } from './identity.rows.js';
import { answeredBy, NO_ID, type Sent } from './row.js';
import type { Undo, World } from './world.js';

type Ids = World['ids'];

function change(
  path: (ids: Ids) => string,
  body: object,
  { tenant, ...more }: Partial<Sent> & { tenant?: string } = {},
) {
  return ({ ids, key }: World): Sent => ({
    method: 'POST',
    path: path(ids),
    as: 'muster/customer_admin',
    headers: { 'idempotency-key': key, ...(tenant ? { 'stellwerk-tenant': tenant } : {}) },
    body,
    ...more,
  });
}

const why = { reason: 'As agreed.' };
const SUBJECT = 'jana-at-the-issuer';

/** Links by a customer_admin; without a subject it unlinks. */
function link(person: (ids: Ids) => string, provider: string, subject: string | null = SUBJECT) {
  const body = { reason: 'As agreed.', ...(subject === null ? {} : { subject }) };
  return change((ids) => `/v1/people/${person(ids)}/identities/${provider}`, body, {
    method: subject === null ? 'DELETE' : 'PUT',
  });
}

/** A provider, and whose the identity there is, until the row is over. */
function linked(tenant: string, name: string, person?: (ids: Ids) => string) {
  return async (world: World): Promise<Undo> => {
    const undo = await provider(tenant, name, `https://${name}.example`)(world);
    const { admin } = world.fixture.database;
    const { id } = await admin
      .selectFrom('identity_providers')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    const identity = { tenant_id: tenant, provider_id: id, subject: SUBJECT };
    if (person)
      await admin
        .insertInto('person_identities')
        .values({ ...identity, person_id: person(world.ids) })
        .execute();
    return undo;
  };
}

const approver = { role: 'approver', covers: 'home', ...why };
const end = { method: 'DELETE' } as const;

/** A call of a page of ours in a signed-in browser. */
function inBrowser(
  session: 'sessionOfKeyHolder' | 'sessionOfIssuer',
  method: string,
  path: (ids: Ids) => string,
  body?: object,
) {
  return ({ ids, fixture }: World): Sent => ({
    method,
    path: path(ids),
    headers: { cookie: `stellwerk-session=${ids[session]}`, origin: fixture.api.url, 'stellwerk-csrf': '1' },
    ...(body ? { body } : {}),
  });
}

const invitation = { name: 'Gerda Gast', language: 'de', grants: [{ role: 'approver', covers: 'home' }], ...why };
const attestation = {
  id: 'AA',
  rawId: 'AA',
  type: 'public-key',
  response: { clientDataJSON: 'AA', attestationObject: 'AA' },
};

/** Invitations and passkeys. */
export const passkeyRows = [
  ...answeredBy(404, 'invitation.not_found', [
    'an invitation that does not exist',
    change(() => `/v1/invitations/${NO_ID}/send-again`, {}),
  ]),
  ...answeredBy(
    409,
    'invitation.ended',
    ['sending a withdrawn invitation again', change(({ withdrawn }) => `/v1/invitations/${withdrawn}/send-again`, {})],
    ['withdrawing it again', change(({ withdrawn }) => `/v1/invitations/${withdrawn}`, why, end)],
  ),
  ...answeredBy(409, 'invitation.open', [
    'inviting an address that is invited already',
    ({ ids, key }) => change(() => '/v1/invitations', { ...invitation, mail: ids.openMail })({ ids, key } as World),
  ]),
  ...answeredBy(409, 'invitation.known_person', [
    'inviting somebody who can sign in',
    ({ ids, key }) => change(() => '/v1/invitations', { ...invitation, mail: ids.knownMail })({ ids, key } as World),
  ]),
  ...answeredBy(403, 'grant.too_powerful', [
    'an invitation to a role that its giver does not have',
    ({ limitedKey }) => ({
      method: 'POST',
      path: '/v1/invitations',
      headers: { authorization: `Bearer ${limitedKey}` },
      body: { ...invitation, mail: 'gast@firma.example' },
    }),
  ]),
  ...answeredBy(403, 'passkey.sign_in_too_old', [
    'a passkey for whoever has an API key',
    change(() => '/v1/passkeys/options', {}),
  ]),
  ...answeredBy(409, 'passkey.unavailable', [
    'a passkey past the company’s identity provider',
    inBrowser('sessionOfIssuer', 'POST', () => '/v1/passkeys/options'),
  ]),
  ...answeredBy(422, 'passkey.not_verified', [
    'a passkey that is none',
    inBrowser('sessionOfKeyHolder', 'POST', () => '/v1/passkeys', { name: 'x', credential: {} }),
  ]),
  ...answeredBy(400, 'sign_in.not_begun', [
    'a passkey that nobody asked for',
    inBrowser('sessionOfKeyHolder', 'POST', () => '/v1/passkeys', { name: 'x', credential: attestation }),
  ]),
  ...answeredBy(404, 'passkey.not_found', [
    'somebody else’s passkey',
    inBrowser('sessionOfKeyHolder', 'PUT', () => `/v1/passkeys/${NO_ID}`, { name: 'x' }),
  ]),
  ...answeredBy(409, 'passkey.last', [
    'removing the only way in',
    inBrowser('sessionOfKeyHolder', 'DELETE', ({ lastPasskey }) => `/v1/passkeys/${lastPasskey}`),
  ]),
];

/** API keys, people and their roles. */
export const peopleRows = [
  ...answeredBy(
    404,
    'api_key.not_found',
    ['rotating a key that does not exist', change(() => `/v1/api-keys/${NO_ID}/rotate`, {})],
    [
      'another tenant’s key',
      change(({ keyOfLeaver }) => `/v1/api-keys/${keyOfLeaver}/rotate`, {}, { as: 'nordlicht/customer_admin' }),
    ],
  ),
  ...answeredBy(409, 'api_key.ended', [
    'rotating a revoked key',
    change(({ revokedKey }) => `/v1/api-keys/${revokedKey}/rotate`, {}),
  ]),
  ...answeredBy(409, 'api_key.of_leaver', [
    'rotating the key of somebody who is leaving',
    change(({ keyOfLeaver }) => `/v1/api-keys/${keyOfLeaver}/rotate`, {}),
  ]),
  ...answeredBy(
    404,
    'person.not_found',
    ['a person who does not exist', change(() => `/v1/people/${NO_ID}/grants`, approver)],
    ['another tenant’s person', change(({ foreignPerson }) => `/v1/people/${foreignPerson}/lock`, why)],
  ),
  ...answeredBy(403, 'grant.own', [
    'an administrator who gives themselves a role',
    change(({ personOfAdmin }) => `/v1/people/${personOfAdmin}/grants`, approver),
  ]),
  ...answeredBy(404, 'grant.not_found', [
    'a grant that does not exist',
    change(({ person }) => `/v1/people/${person}/grants/${NO_ID}`, why, end),
  ]),
  ...answeredBy(404, 'identity_provider.not_found', [
    'linking an issuer of another tenant',
    link(({ person }) => person, 'of-nordlicht'),
    { given: linked('nordlicht', 'of-nordlicht') },
  ]),
  ...answeredBy(409, 'identity.taken', [
    'taking over another’s identity',
    link(({ person }) => person, 'kept'),
    { given: linked('muster', 'kept', ({ claimed }) => claimed) },
  ]),
  ...answeredBy(409, 'identity.another_linked', [
    'a second identity at one provider',
    link(({ person }) => person, 'kept', 'somebody-else'),
    { given: linked('muster', 'kept', ({ person }) => person) },
  ]),
  ...answeredBy(404, 'identity.not_found', [
    'unlinking what is not linked',
    link(({ person }) => person, 'kept', null),
    { given: linked('muster', 'kept') },
  ]),
  ...answeredBy(409, 'grant.by_claim', [
    'ending a grant of the identity provider',
    change(({ claimed, grantByClaim }) => `/v1/people/${claimed}/grants/${grantByClaim}`, why, end),
  ]),
  ...answeredBy(409, 'grant.last_owner', [
    'locking the last owner',
    change(({ lastOwner }) => `/v1/people/${lastOwner}/lock`, why, { as: 'msp/owner' }),
  ]),
  ...answeredBy(
    409,
    'person.closed',
    ['unlocking an account that is closed', change(({ closed }) => `/v1/people/${closed}/unlock`, why)],
    ['a role for somebody who is closed for good', change(({ closed }) => `/v1/people/${closed}/grants`, approver)],
  ),
  ...answeredBy(403, 'api_key.too_powerful', [
    'a key for a customer that its maker does not have',
    change(
      () => '/v1/api-keys',
      { name: 'climber', role: 'operator', customers: ['nobody'] },
      { as: 'msp/owner', tenant: 'msp' },
    ),
  ]),
  ...answeredBy(403, 'grant.too_powerful', [
    'a role that its giver does not have',
    ({ ids, limitedKey }) => ({
      method: 'POST',
      path: `/v1/people/${ids.person}/grants`,
      headers: { authorization: `Bearer ${limitedKey}` },
      body: approver,
    }),
  ]),
];
