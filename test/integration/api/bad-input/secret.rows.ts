import { answeredBy, at, type Sent } from './row.js';

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
