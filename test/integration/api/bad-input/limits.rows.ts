import { answeredBy, at, type More } from './row.js';
import type { World } from './world.js';

const put = (limits: unknown, as: 'msp/owner' | 'muster/customer_admin' = 'msp/owner') => {
  return (_world: World) => ({
    method: 'PUT',
    path: '/v1/limits',
    as,
    headers: { 'stellwerk-tenant': 'muster' },
    body: { limits },
  });
};
const senseless = (name: string): More => at(name, 'senseless');

/** Limits that nobody may set. */
export const limitRows = [
  ...answeredBy(
    422,
    'request.invalid',
    [
      'a limit of an unknown name',
      put([{ name: 'read.everybody', perSecond: 1, most: 1 }]),
      at('limits.0.name', 'not_allowed'),
    ],
    [
      'a limit given twice',
      put([
        { name: 'under_way.key', most: 2 },
        { name: 'under_way.key', most: 3 },
      ]),
      at('limits', 'duplicate'),
    ],
    [
      'a limit without end',
      put([{ name: 'read.key', perSecond: 1e9, most: 5 }]),
      at('limits.0.perSecond', 'not_a_rate'),
    ],
    ['limits that are a number', put(1_000_000), at('limits', 'not_a_list')],
  ),
  ...answeredBy(
    422,
    'limits.senseless',
    [
      'a key that may do more than its customer',
      put([{ name: 'write.key', perSecond: 1_000, most: 5_000 }]),
      senseless('write.key'),
    ],
    [
      'calls under way that shut a customer out',
      put([{ name: 'under_way.tenant', most: 1 }]),
      senseless('under_way.tenant'),
    ],
    ['a rate without calls a second', put([{ name: 'write.key', most: 100 }]), senseless('write.key')],
    ['calls under way a second', put([{ name: 'under_way.key', perSecond: 3, most: 10 }]), senseless('under_way.key')],
    [
      'a bucket that fills in days',
      put([{ name: 'expensive.tenant', perSecond: 0.1, most: 90_000 }]),
      senseless('expensive.tenant'),
    ],
  ),
  ...answeredBy(403, 'access.denied', [
    'a customer that raises its own limits',
    put([{ name: 'under_way.key', most: 100 }], 'muster/customer_admin'),
  ]),
];
