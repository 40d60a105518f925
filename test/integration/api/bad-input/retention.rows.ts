import { answeredBy, at } from './row.js';
import type { World } from './world.js';

const put = (outcomes: unknown, as: 'msp/owner' | 'muster/customer_admin' = 'msp/owner') => {
  return (_world: World) => ({
    method: 'PUT',
    path: '/v1/retention',
    as,
    headers: { 'stellwerk-tenant': 'muster' },
    body: { outcomes },
  });
};

/** Retention that nobody may set. */
export const retentionRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['an outcome that does not exist', put([{ outcome: 'gone', days: 90 }]), at('outcomes.0.outcome', 'not_allowed')],
    [
      'an outcome given twice',
      put([
        { outcome: 'failed', days: 90 },
        { outcome: 'failed', days: 91 },
      ]),
      at('outcomes', 'duplicate'),
    ],
    ['history that is gone at once', put([{ outcome: 'refused', days: 0 }]), at('outcomes.0.days', 'too_small')],
    ['history for ever', put([{ outcome: 'failed', days: 1e6 }]), at('outcomes.0.days', 'too_large')],
  ),
  ...answeredBy(422, 'retention.out_of_bounds', [
    'what was done kept for a month only',
    put([{ outcome: 'completed', days: 30 }]),
    at('completed', 'out_of_bounds'),
  ]),
  ...answeredBy(403, 'access.denied', [
    'a customer that has its history erased earlier',
    put([{ outcome: 'failed', days: 100 }], 'muster/customer_admin'),
  ]),
];
