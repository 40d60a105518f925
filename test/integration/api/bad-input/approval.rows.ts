import { DEFAULT_POLICY, openRound } from '#libs/approvals';
import { newId } from '#libs/kernel';
import { RequestFactory } from '../../../support/api/request.factory.js';
import { answeredBy, at, get, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';

type Who = NonNullable<Sent['as']>;

let plan: { readonly id: string; readonly planHash: string };

/** Before the call there is a plan that only these two may decide on. */
function given(
  votes: readonly { readonly voter: string; readonly verdict: 'approve' | 'reject' }[] = [],
  round: { readonly expires_at?: string } = {},
): More {
  return {
    given: async ({ fixture }) => {
      const { admin } = fixture.database;
      plan = await RequestFactory.of('muster').with({ id: newId() }).planned().in(admin);
      const subject = {
        tenant: 'muster',
        kind: 'plan',
        id: plan.id,
        revision: 1,
        hash: plan.planHash,
        requestId: plan.id,
      };
      const approvalId = await admin
        .transaction()
        .execute((tx) => openRound(tx, { ...subject, process: 'offboarding', startsAt: null }));
      const approvers = [
        { kind: 'person', subject: 'approver@muster' },
        { kind: 'person', subject: 'operator@msp' },
      ];
      const stages = [{ approvers, needed: 2, rejections: 1 }];
      const policy = JSON.stringify({ ...DEFAULT_POLICY, stages, expiry: { afterHours: 1, outcome: 'reject' } });
      await admin
        .updateTable('approval_rounds')
        .set({ policy, ...round })
        .where('id', '=', approvalId)
        .execute();
      for (const vote of votes)
        await admin
          .insertInto('approval_votes')
          .values({
            ...{
              tenant_id: 'muster',
              approval_id: approvalId,
              id: newId(),
              stage: 1,
              on_behalf_of: null,
              reason: null,
            },
            ...{ subject_hash: plan.planHash, link_id: null, ...vote },
          })
          .execute();
      return () => Promise.resolve();
    },
  };
}

const decide = (change: object, as: Who) => (): Sent => ({
  method: 'POST',
  path: `/v1/requests/${plan.id}/decisions`,
  as,
  body: { decision: 'approve', planHash: plan.planHash, ...change },
});

const policy =
  (change: object, process = 'offboarding', as: Who = 'muster/customer_admin') =>
  (): Sent => ({
    method: 'PUT',
    path: `/v1/approval-policies/${process}`,
    as,
    body: { ...DEFAULT_POLICY, ...change },
  });
const stage = (approvers: readonly object[], needed = 1, rejections = 1) => ({
  stages: [{ approvers, needed, rejections }],
});
const person = (subject: string) => ({ kind: 'person', subject });
const ROLE = { kind: 'role', at: 'customer', role: 'approver' };

const delegate =
  (change: object, as: Who = 'muster/customer_admin') =>
  ({ key }: World): Sent => ({
    method: 'POST',
    path: '/v1/delegations',
    as,
    headers: { 'idempotency-key': key },
    body: { delegate: 'approver@muster', from: '2030-01-01T00:00:00Z', until: '2030-01-08T00:00:00Z', ...change },
  });

const REFUSED_AT_SAVING = [422, 'approval_policy.invalid'] as const;

/** Policies, votes and delegations. */
export const approvalRows = [
  ...answeredBy(403, 'approval.not_an_approver', [
    'the vote of somebody whom the policy does not ask',
    decide({}, 'muster/customer_admin'),
    given(),
  ]),
  ...answeredBy(403, 'approval.delegation_not_in_force', [
    'the vote for somebody who delegated nothing',
    decide({ onBehalfOf: 'approver@muster' }, 'muster/customer_admin'),
    given(),
  ]),
  ...answeredBy(409, 'approval.already_voted', [
    'a vote that takes one’s own back',
    decide({ decision: 'reject', reason: 'No.' }, 'muster/approver'),
    given([{ voter: 'approver@muster', verdict: 'approve' }]),
  ]),
  ...answeredBy(409, 'approval.expired', [
    'a vote when the time for it is over',
    decide({}, 'muster/approver'),
    given([], { expires_at: '2020-01-01T00:00:00Z' }),
  ]),
  ...answeredBy(404, 'approval.not_found', ['an approval that does not exist', get(`/v1/approvals/${NO_ID}`)]),
  ...answeredBy(404, 'approval_policy.process_unknown', [
    'the policy for a process that does not exist',
    policy({}, 'coffee'),
  ]),
  ...answeredBy(404, 'approval_policy.version_not_found', [
    'a version of a policy that does not exist',
    get('/v1/approval-policies/mover?version=7'),
  ]),
  ...answeredBy(
    ...REFUSED_AT_SAVING,
    [
      'a policy that approves by itself',
      policy({ expiry: { afterHours: 1, outcome: 'approve' } }),
      at('expiry.outcome', 'not_allowed'),
    ],
    ['a policy without stages', policy({ stages: [] }), at('stages', 'not_allowed')],
    [
      'more approvals than approvers',
      policy(stage([person('approver@muster')], 2)),
      at('stages.0.needed', 'too_large'),
    ],
    [
      'more rejections than can decide',
      policy(stage([person('approver@muster'), person('customer_admin@muster')], 2, 2)),
      at('stages.0.rejections', 'too_large'),
    ],
    [
      'somebody who does not exist',
      policy(stage([person('nobody@muster')])),
      at('stages.0.approvers.0.subject', 'not_found'),
    ],
    [
      'somebody of another customer',
      policy(stage([person('approver@nordlicht')])),
      at('stages.0.approvers.0.subject', 'not_found'),
    ],
    [
      'somebody who may not decide',
      policy(stage([person('requester@muster')])),
      at('stages.0.approvers.0.subject', 'cannot_decide'),
    ],
    [
      'the same person twice',
      policy(stage([ROLE, person('approver@muster'), person('Approver@Muster')])),
      at('stages.0.approvers.2', 'duplicate'),
    ],
    [
      'a role that may not decide',
      policy(stage([{ ...ROLE, at: 'msp' }])),
      at('stages.0.approvers.0.role', 'not_allowed'),
    ],
    [
      'an escalation to nobody',
      policy({ expiry: { afterHours: 4, outcome: 'escalate' } }),
      at('escalation', 'missing'),
    ],
    [
      'a reminder every zero hours',
      policy({ reminders: { everyHours: 0, atMost: 1 } }),
      at('reminders.everyHours', 'not_allowed'),
    ],
  ),
  ...answeredBy(403, 'access.denied', ['a requester that sets a policy', policy({}, 'all', 'muster/requester')]),
  ...answeredBy(
    422,
    'delegation.invalid',
    ['standing in for oneself', delegate({ delegate: 'Customer_Admin@muster' }), at('delegate', 'duplicate')],
    ['a stand-in who may not decide', delegate({ delegate: 'requester@muster' }), at('delegate', 'cannot_decide')],
    ['a stand-in of another customer', delegate({ delegate: 'approver@nordlicht' }), at('delegate', 'cannot_decide')],
    ['a delegation that ends before it begins', delegate({ until: '2029-12-31T00:00:00Z' }), at('until', 'too_small')],
    [
      'a delegation that is over',
      delegate({ from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' }),
      at('until', 'too_small'),
    ],
    ['a delegation for two years', delegate({ until: '2032-01-01T00:00:00Z' }), at('until', 'too_large')],
  ),
  ...answeredBy(422, 'request.invalid', [
    'a delegation without an instant',
    delegate({ from: 'tomorrow' }),
    at('from', 'not_a_date_time'),
  ]),
  ...answeredBy(403, 'access.denied', [
    'somebody else’s delegation without the right to it',
    delegate({ delegator: 'customer_admin@muster', delegate: 'operator@msp' }, 'muster/approver'),
  ]),
  ...answeredBy(404, 'delegation.not_found', [
    'the end of a delegation that does not exist',
    () => ({ method: 'DELETE', path: `/v1/delegations/${NO_ID}`, as: 'muster/customer_admin' as const }),
  ]),
];
