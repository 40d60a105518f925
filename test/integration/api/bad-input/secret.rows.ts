import { answeredBy, at, type Sent } from './row.js';
import type { Undo, World } from './world.js';

const VALUE = 'planted-secret-value';

function put(body: unknown, change: Partial<Sent> = {}) {
  return (): Sent => ({
    method: 'PUT',
    path: '/v1/secrets/directory-bind',
    as: 'msp/operator',
    headers: { 'stellwerk-tenant': 'muster' },
    body,
    ...change,
  });
}

/** A key of payloads that some master key wrapped. */
async function payloadKey({ fixture }: World): Promise<Undo> {
  const row = { tenant_id: 'muster', version: 1, key_id: 'local:1', wrapped_key: Buffer.alloc(60) };
  await fixture.database.admin.insertInto('payload_keys').values(row).execute();
  return async () => void (await fixture.database.admin.deleteFrom('payload_keys').execute());
}

const decode =
  (body: unknown, headers: Record<string, string> = {}, as: Sent['as'] = 'msp/operator') =>
  (): Sent => ({
    method: 'POST',
    path: '/v1/temporal/codec/decode',
    as: as!,
    headers,
    body,
  });
const SEALED = {
  metadata: {
    encoding: Buffer.from('binary/encrypted').toString('base64'),
    'stellwerk-key': Buffer.from('muster/1').toString('base64'),
  },
  data: Buffer.alloc(60).toString('base64'),
};

/** Secrets that cannot be set, or are not there. */
export const secretRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a secret of nothing', put({ value: '' }), at('value', 'not_text')],
    ['a secret that is a number', put({ value: 12345678 }), at('value', 'not_text')],
    ['a secret over 16 KiB', put({ value: 'x'.repeat(16_385) }), at('value', 'not_text')],
    ['a secret with a byte of zero', put({ value: `${VALUE}\0` }), at('value', 'not_text')],
    ['a secret without its value', put({}), at('value', 'missing')],
    ['a secret with more than its value', put({ value: VALUE, version: 7 }), at('version', 'unknown_field')],
    ['a name in capitals', put({ value: VALUE }, { path: '/v1/secrets/LDAP' }), at('name', 'not_a_name')],
    ['a name that leads elsewhere', put({ value: VALUE }, { path: '/v1/secrets/..%2Fx' }), at('name', 'not_a_name')],
  ),
  ...answeredBy(
    422,
    'request.invalid',
    ['payloads that are no list', decode({ payloads: {} }), at('payloads', 'not_a_list')],
    ['no payloads at all', decode({}), at('payloads', 'not_a_list')],
    ['too many payloads', decode({ payloads: Array(1001).fill({}) }), at('payloads', 'too_many')],
    ['a payload that is no object', decode({ payloads: [{}, 'x'] }), at('payloads.1', 'not_a_payload')],
    ['a payload that is no base64', decode({ payloads: [{ data: '&' }] }), at('payloads.0', 'not_a_payload')],
  ),
  ...answeredBy(404, 'payload.namespace_unknown', [
    'payloads of another namespace',
    decode({ payloads: [SEALED] }, { 'x-namespace': 'another' }),
  ]),
  ...answeredBy(403, 'access.denied', [
    'payloads for a customer',
    decode({ payloads: [SEALED] }, {}, 'muster/customer_admin'),
  ]),
  ...answeredBy(503, 'payload.key_unavailable', [
    'payloads while the master keys are away',
    decode({ payloads: [SEALED] }),
    { withoutKeys: true, given: payloadKey },
  ]),
  ...answeredBy(404, 'secret.not_found', [
    'taking away a secret that is not there',
    put(undefined, { method: 'DELETE', path: '/v1/secrets/nothing' }),
  ]),
  ...answeredBy(
    403,
    'access.denied',
    ['a technician’s secret', put({ value: VALUE }, { as: 'msp/technician' })],
    ['an auditor’s look at secrets’ names', (): Sent => ({ path: '/v1/secrets', as: 'muster/auditor' })],
  ),
  ...answeredBy(404, 'tenant.not_found', [
    'a customer’s secret for another customer',
    put({ value: VALUE }, { as: 'muster/customer_admin', headers: { 'stellwerk-tenant': 'nordlicht' } }),
  ]),
  ...answeredBy(503, 'secret.key_ring_unavailable', [
    'a secret while the master keys are away',
    put({ value: VALUE }),
    { withoutKeys: true },
  ]),
];
