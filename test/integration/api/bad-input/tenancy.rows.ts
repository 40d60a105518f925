import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Call } from '../../../support/api/api-fixture.js';
import { agreement } from '../../../support/api/tenancy.factory.js';
import { answeredBy, at, get, NO_ID, reinstate, submit, type Sent } from './row.js';
import { notLive, suspended, type Undo, type World } from './world.js';

type As = NonNullable<Call['as']>;

function send(method: string, path: string, body?: unknown, as: As = 'msp/owner') {
  return ({ key }: World): Sent => ({
    method,
    path,
    as,
    headers: { 'idempotency-key': key },
    ...(body === undefined ? {} : { body }),
  });
}

const TENANT = { id: 'gruenwald', name: 'Grünwald AG', timeZone: 'Europe/Berlin' };
const SITE = { name: 'Werk', timeZone: 'Europe/Berlin' };
const CONTACT = { name: 'Ina Koch', role: 'technical' };
const create = (change: object) => send('POST', '/v1/tenants', { ...TENANT, ...change });

/** A thing of Muster's for one call. */
function given(table: 'sites' | 'contacts' | 'tenant_groups', row: object) {
  return async ({ fixture }: World): Promise<Undo> => {
    const { admin } = fixture.database;
    await admin
      .insertInto(table)
      .values(row as never)
      .execute();
    const { id } = row as { readonly id: string };
    return async () => void (await admin.deleteFrom(table).where('id', '=', id).execute());
  };
}

const site = { tenant_id: 'muster', id: newId(), name: 'Lager', time_zone: 'UTC', changed_by: 'test' };
const used = { ...site, id: newId(), name: 'Büro' };
const contact = {
  tenant_id: 'muster',
  id: newId(),
  name: 'Ina Koch',
  role: 'technical',
  external_references: '{}',
  changed_by: 'test',
};
const group = { tenant_id: 'msp', id: newId(), name: 'Nord', created_by: 'test' };
const path = (kind: string, id: string) => `/v1/tenants/muster/${kind}/${id}`;

async function siteInUse(world: World): Promise<Undo> {
  const undoSite = await given('sites', used)(world);
  const undoContact = await given('contacts', { ...contact, id: newId(), site_id: used.id })(world);
  return async () => {
    await undoContact();
    await undoSite();
  };
}

async function groupInUse(world: World): Promise<Undo> {
  const undoGroup = await given('tenant_groups', group)(world);
  const { admin } = world.fixture.database;
  const person = { tenant_id: 'msp', id: newId(), subject: 'n@msp', display_name: 'N', source: 'command' as const };
  await admin
    .insertInto('people')
    .values({ ...person, mail: null, language: null })
    .execute();
  const grant = { tenant_id: 'msp', id: newId(), person_id: person.id, role: 'technician', source: 'manual' as const };
  await admin
    .insertInto('role_grants')
    .values({ ...grant, covers: 'group', covers_id: group.id, granted_by: 'test' })
    .execute();
  return async () => {
    await admin.deleteFrom('role_grants').where('id', '=', grant.id).execute();
    await admin.deleteFrom('people').where('id', '=', person.id).execute();
    await undoGroup();
  };
}

const EXPORT = newId();
const HASH = 'a'.repeat(64);
const archive = `/v1/tenants/muster/exports/${EXPORT}/archive`;
const building = `/v1/tenants/muster/exports/${EXPORT}/release`;

/** An export of Muster's for one call, ready or in work. */
function exported(status: 'ready' | 'building') {
  return async ({ fixture }: World): Promise<Undo> => {
    const { admin } = fixture.database;
    await sql`INSERT INTO tenant_exports (tenant_id, id, recipient, reason, requested_by, status, manifest, hash, available_until, event_ids)
      SELECT 'muster', ${EXPORT}, 'age1x', 'x', 'x', ${status}, '{}', CASE WHEN ${status} = 'ready' THEN ${HASH} END,
        now() + interval '1 day', '{}'`.execute(admin);
    return async () => void (await admin.deleteFrom('tenant_exports').where('id', '=', EXPORT).execute());
  };
}
const ready = exported('ready');
const inWork = exported('building');

const ERASURE = { user: 'eva.beck', reason: 'Art. 17' };

/** Customers, their sites, contacts, groups and agreements. */
export const tenancyRows = [
  ...answeredBy(409, 'tenant.not_live', ['a request without an agreement', submit(), { given: notLive }]),
  ...answeredBy(409, 'tenant.not_live', [
    'a reinstatement without an agreement',
    reinstate('endedRun'),
    { given: notLive },
  ]),
  ...answeredBy(409, 'tenant.takes_no_requests', [
    'the MSP’s request for a suspended customer',
    submit(({ key }) => ({ as: 'msp/owner', headers: { 'idempotency-key': key, 'stellwerk-tenant': 'muster' } })),
    { given: suspended('muster') },
  ]),
  ...answeredBy(409, 'tenant.id_taken', ['a customer’s id again', create({ id: 'muster' })]),
  ...answeredBy(
    422,
    'tenant.id_invalid',
    ['an id with a capital', create({ id: 'Muster' }), at('id', 'not_allowed')],
    ['a reserved id', create({ id: 'stellwerk' }), at('id', 'not_allowed')],
    ['an id that would leave its folder', create({ id: '../msp' }), at('id', 'not_allowed')],
  ),
  ...answeredBy(
    422,
    'request.invalid',
    ['an offset for a time zone', create({ timeZone: '+02:00' }), at('timeZone', 'not_a_time_zone')],
    [
      'an agreement without a place of the data',
      send('POST', '/v1/tenants/muster/agreements', { ...agreement(), dataLocations: [] }),
      at('dataLocations', 'too_few'),
    ],
  ),
  ...answeredBy(
    409,
    'tenancy.changed_meanwhile',
    ['a change of an old customer', send('PUT', '/v1/tenants/muster', { ...TENANT, id: undefined, version: 99 })],
    [
      'a change of an old site',
      send('PUT', path('sites', site.id), { ...SITE, version: 99 }),
      { given: given('sites', site) },
    ],
    [
      'a change of an old contact',
      send('PUT', path('contacts', contact.id), { ...CONTACT, version: 99 }),
      { given: given('contacts', contact) },
    ],
    [
      'a change of an old group',
      send('PUT', `/v1/tenant-groups/${group.id}`, { name: 'N', members: [], version: 99 }),
      { given: given('tenant_groups', group) },
    ],
  ),
  ...answeredBy(
    409,
    'tenant.state_wrong',
    ['resuming who is not suspended', send('POST', '/v1/tenants/muster/resume', { reason: 'x' })],
    ['suspending the MSP', send('POST', '/v1/tenants/msp/suspend', { reason: 'x' })],
    ['an agreement of the MSP with itself', send('POST', '/v1/tenants/msp/agreements', agreement())],
  ),
  ...answeredBy(
    404,
    'tenant.not_found',
    ['another customer', get('/v1/tenants/nordlicht', 'muster/customer_admin')],
    ['another customer’s contacts', get('/v1/tenants/nordlicht/contacts', 'muster/customer_admin')],
    ['a site at another customer', send('POST', '/v1/tenants/nordlicht/sites', SITE, 'muster/customer_admin')],
    ['a group with nobody’s customer', send('POST', '/v1/tenant-groups', { name: 'X', members: ['nobody'] })],
  ),
  ...answeredBy(
    404,
    'site.not_found',
    ['no site', get(`/v1/tenants/muster/sites/${NO_ID}`)],
    ['a contact at no site', send('POST', '/v1/tenants/muster/contacts', { ...CONTACT, siteId: NO_ID })],
  ),
  ...answeredBy(409, 'site.name_taken', [
    'a site twice',
    send('POST', '/v1/tenants/muster/sites', { ...SITE, name: 'lager' }),
    { given: given('sites', site) },
  ]),
  ...answeredBy(409, 'site.in_use', [
    'deleting a site with a contact',
    send('DELETE', path('sites', used.id)),
    { given: siteInUse },
  ]),
  ...answeredBy(404, 'contact.not_found', ['no contact', get(`/v1/tenants/muster/contacts/${NO_ID}`)]),
  ...answeredBy(404, 'tenant_group.not_found', ['no group', send('DELETE', `/v1/tenant-groups/${NO_ID}`)]),
  ...answeredBy(409, 'tenant_group.name_taken', [
    'a group twice',
    send('POST', '/v1/tenant-groups', { name: 'Nord', members: [] }),
    { given: given('tenant_groups', group) },
  ]),
  ...answeredBy(409, 'tenant_group.in_use', [
    'deleting a group that a role holds for',
    send('DELETE', `/v1/tenant-groups/${group.id}`),
    { given: groupInUse },
  ]),
  ...answeredBy(409, 'agreement.missing', [
    'ending an agreement that is not there',
    send('POST', '/v1/tenants/muster/agreements/end', { reason: 'x' }),
    { given: notLive },
  ]),
  ...answeredBy(422, 'agreement.invalid', [
    'an agreement from the future',
    send('POST', '/v1/tenants/muster/agreements', { ...agreement(), signedOn: '2999-01-01' }),
    at('signedOn', 'too_late'),
  ]),
  ...answeredBy(409, 'privacy.person_still_needed', [
    'erasing whose request is open',
    send('POST', '/v1/tenants/muster/person-erasures', ERASURE),
  ]),
  ...answeredBy(422, 'privacy.names_invalid', [
    'erasing by two letters',
    send('POST', '/v1/tenants/muster/person-erasures', { ...ERASURE, user: 'ev' }),
  ]),
  ...answeredBy(404, 'privacy.legal_hold_not_found', [
    'ending no hold',
    send('POST', `/v1/tenants/muster/legal-holds/${NO_ID}/end`, { reason: 'x' }),
  ]),
  ...answeredBy(404, 'tenant_export.not_found', ['no export', get(`/v1/tenants/muster/exports/${NO_ID}`)]),
  ...answeredBy(422, 'tenant_export.recipient_invalid', [
    'an export to a key that is none',
    send('POST', '/v1/tenants/muster/exports', { recipient: 'age1nobody', reason: 'x' }),
  ]),
  ...answeredBy(
    409,
    'tenant_export.not_available',
    ['an export that nobody released', send('GET', archive, undefined, 'muster/customer_admin'), { given: ready }],
    ['releasing what is being built', send('POST', building, { hash: HASH }), { given: inWork }],
  ),
  ...answeredBy(403, 'tenant_export.release_refused', [
    'an administrator whom nobody made one before the export',
    send('POST', building, { hash: HASH }, 'muster/customer_admin'),
    { given: ready },
  ]),
  ...answeredBy(409, 'tenant_export.hash_mismatch', [
    'releasing another hash',
    send('POST', `/v1/tenants/muster/exports/${EXPORT}/release`, { hash: 'b'.repeat(64) }),
    { given: ready },
  ]),
];
