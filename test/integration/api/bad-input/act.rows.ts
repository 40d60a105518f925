import type { Call } from '../../../support/api/api-fixture.js';
import { answeredBy, at, NO_ID, type Sent } from './row.js';
import type { World } from './world.js';

const REASON = 'The customer asked for it.';

/** An act on a request. */
function act(request: keyof World['ids'], body: object, as: NonNullable<Call['as']> = 'msp/operator') {
  return ({ ids, key }: World): Sent => ({
    method: 'POST',
    path: `/v1/requests/${ids[request]}/acts`,
    as,
    headers: { 'idempotency-key': key },
    body: { reason: REASON, ...body },
  });
}

/** Interventions that cannot be: refused whole, and the workflow never hears of them. */
export const actRows = [
  ...answeredBy(
    409,
    'act.not_possible',
    ['pausing what has no run', act('waiting', { act: 'pause' })],
    ['resuming what is not paused', act('requestOfOpenRun', { act: 'resume' })],
    ['cancelling what was rejected', act('rejected', { act: 'cancel' })],
    ['trying again what has not failed', act('requestOfOpenRun', { act: 'retry', stepId: 'disable_sign_in' })],
    ['leaving out what has ended', act('requestOfOpenRun', { act: 'skip', stepId: 'disable_sign_in' })],
    ['saying that a system has done its step', act('requestOfOpenRun', { act: 'complete', stepId: 'disable_sign_in' })],
    ['moving what was rejected', act('rejected', { act: 'reschedule', at: '2030-01-01T17:00Z' })],
    ['locking out of a plan that locks nobody out', act('waiting', { act: 'lock_out' }, 'muster/customer_admin')],
  ),
  ...answeredBy(
    422,
    'act.step_unknown',
    ['an act on no step', act('requestOfOpenRun', { act: 'skip' })],
    ['an act on a step of another run', act('requestOfOpenRun', { act: 'retry', stepId: 'made_up' })],
  ),
  ...answeredBy(422, 'act.time_missing', [
    'moving without a time',
    act('waiting', { act: 'reschedule' }),
    at('at', 'missing'),
  ]),
  ...answeredBy(403, 'act.leaver_cannot_act', [
    'putting one’s own off-boarding off',
    act('aboutAdmin', { act: 'reschedule', at: '2030-01-01T17:00Z' }, 'muster/customer_admin'),
  ]),
  ...answeredBy(422, 'act.verified_call_missing', [
    'a lock-out by the MSP on nobody’s word',
    act('waiting', { act: 'lock_out' }),
  ]),
  ...answeredBy(
    403,
    'access.denied',
    ['a requester’s pause', act('requestOfOpenRun', { act: 'pause' }, 'muster/requester')],
    ['an auditor’s act', act('requestOfOpenRun', { act: 'complete', stepId: 'x' }, 'muster/auditor')],
    ['a technician’s skip', act('requestOfOpenRun', { act: 'skip', stepId: 'x' }, 'msp/technician')],
  ),
  ...answeredBy(
    422,
    'request.invalid',
    ['an unknown act', act('waiting', { act: 'explode' }), at('act', 'not_allowed')],
    ['an act without a reason', act('waiting', { act: 'cancel', reason: ' ' }), at('reason', 'not_text')],
    ['a time that is none', act('waiting', { act: 'reschedule', at: 'soon' }), at('at', 'not_a_date_time')],
  ),
  ...answeredBy(
    404,
    'request.not_found',
    ['an act on a request of another tenant', act('foreignRequest', { act: 'cancel' }, 'muster/customer_admin')],
    [
      'an act on no request',
      ({ key }: World): Sent => ({
        method: 'POST',
        path: `/v1/requests/${NO_ID}/acts`,
        as: 'msp/operator',
        headers: { 'idempotency-key': key },
        body: { act: 'cancel', reason: REASON },
      }),
    ],
  ),
];
