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
  ...answeredBy(409, 'person.closed', [
    'unlocking an account that a run closed',
    change(({ closed }) => `/v1/people/${closed}/unlock`, why),
  ]),
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
