import { answeredBy, at, NO_ID, type Sent } from './row.js';

const put =
  (path: string, body: unknown, as: Sent['as'] = 'msp/operator') =>
  (): Sent => ({
    method: 'PUT',
    path,
    ...(as ? { as } : {}),
    headers: { 'stellwerk-tenant': 'muster' },
    body,
  });
const allowance = { to: '10.20.0.0/16', ports: [636], protocols: ['ldap'], reason: 'Its domain controllers.' };
const policy = (change: object) =>
  put('/v1/outgoing-policies', { publicAddresses: 'listed', allowances: [{ ...allowance, ...change }] });
const key = { host: 'fw1.muster.example', port: 22, fingerprint: `SHA256:${'A'.repeat(43)}`, reason: 'Read there.' };
const trust = (change: object) => put('/v1/ssh-host-keys', { ...key, ...change });

/** What connections may reach, and keys of SSH servers. */
export const outgoingRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a network that is everything', policy({ to: '0.0.0.0/0' }), at('allowances.0.to', 'not_a_place')],
    ['a network with bits beyond its prefix', policy({ to: '10.20.0.1/16' }), at('allowances.0.to', 'not_a_place')],
    ['an address with a zone', policy({ to: 'fe80::1%eth0' }), at('allowances.0.to', 'not_a_place')],
    ['every name there is', policy({ to: '*' }), at('allowances.0.to', 'not_a_place')],
    ['every name below a top-level domain', policy({ to: '*.de' }), at('allowances.0.to', 'not_a_place')],
    ['a port that there is not', policy({ ports: [0] }), at('allowances.0.ports', 'too_small')],
    ['a protocol that goes no way out', policy({ protocols: ['telnet'] }), at('allowances.0.protocols', 'not_allowed')],
    ['an allowance without a reason', policy({ reason: undefined }), at('allowances.0.reason', 'missing')],
    [
      'a policy without its default',
      put('/v1/outgoing-policies', { allowances: [] }),
      at('publicAddresses', 'missing'),
    ],
    ['a key of a host with a port', trust({ host: 'fw1:22' }), at('host', 'not_a_host')],
    ['a key by its MD5', trust({ fingerprint: 'MD5:00:11' }), at('fingerprint', 'not_a_fingerprint')],
    ['a key that is trusted without a reason', trust({ reason: ' ' }), at('reason', 'not_text')],
  ),
  ...answeredBy(
    403,
    'access.denied',
    [
      'a customer that opens its own way into our network',
      put('/v1/outgoing-policies', { publicAddresses: 'open', allowances: [allowance] }, 'muster/customer_admin'),
    ],
    ['a customer that trusts a key', put('/v1/ssh-host-keys', key, 'muster/customer_admin')],
  ),
  ...answeredBy(404, 'host_key.not_found', [
    'forgetting a key that is not there',
    () => ({ method: 'DELETE', path: `/v1/ssh-host-keys/${NO_ID}`, as: 'msp/operator' as const }),
  ]),
];
