import { newId } from '#libs/kernel';
import { RequestFactory } from '../../../support/api/request.factory.js';
import { answeredBy, at, type More, type Sent } from './row.js';
import { notLive, type World } from './world.js';

type Who = NonNullable<Sent['as']>;
interface Plan {
  readonly id: string;
  readonly planHash: string;
}

const CODE = 'directory.user_privileged';
let plan: Plan;

/** Before the call there is a request whose plan needs a second person. */
function given(arrange: (world: World, plan: Plan) => Promise<unknown> = () => Promise.resolve(), factory = muster()) {
  const more: More = {
    given: async (world) => {
      const { admin } = world.fixture.database;
      plan = await factory.with({ id: newId() }).planned().in(admin);
      const confirmations = JSON.stringify([{ code: CODE, text: 'Domain Admins' }]);
      await admin.updateTable('plans').set({ confirmations }).where('request_id', '=', plan.id).execute();
      await admin.updateTable('requests').set({ needs_second_person: true }).where('id', '=', plan.id).execute();
      await arrange(world, plan);
      return () => Promise.resolve();
    },
  };
  return more;
}

/** The same, and then the customer’s agreement ends. */
function withoutAgreement(arrange?: Parameters<typeof given>[0]): More {
  return {
    given: async (world) => {
      await given(arrange).given?.(world);
      return notLive(world);
    },
  };
}

const muster = (requestedBy?: string): RequestFactory => RequestFactory.of('muster', requestedBy);

function act(verb: 'confirmations' | 'decisions', as: Who, change: object = {}) {
  return (): Sent => ({
    method: 'POST',
    path: `/v1/requests/${plan.id}/${verb}`,
    as,
    headers: { 'stellwerk-tenant': 'muster' },
    body: { ...(verb === 'decisions' ? { decision: 'approve' } : {}), planHash: plan.planHash, ...change },
  });
}
const confirm = (change: object = {}, as: Who = 'msp/operator') => act('confirmations', as, change);

const needsNobody = ({ fixture }: World, { id }: Plan): Promise<unknown> =>
  fixture.database.admin.updateTable('plans').set({ confirmations: '[]' }).where('request_id', '=', id).execute();

const approvedByOperator = ({ fixture }: World, { id, planHash }: Plan): Promise<unknown> =>
  fixture.database.admin
    .insertInto('decisions')
    .values({
      ...{ tenant_id: 'muster', request_id: id, id: newId(), revision: 1, plan_hash: planHash, reason: null },
      ...{ decision: 'approve', decided_by: 'operator@msp', effective_at: null },
    })
    .execute();

const confirmedByOperator = ({ fixture }: World, { id, planHash }: Plan): Promise<unknown> =>
  fixture.database.admin
    .insertInto('confirmations')
    .values({
      ...{ tenant_id: 'muster', request_id: id, id: newId(), revision: 1, plan_hash: planHash, reason: null },
      ...{ confirmed_by: 'operator@msp', codes: [CODE] },
    })
    .execute();

const protectedName = ({ fixture }: World): Promise<unknown> =>
  fixture.database.admin
    .insertInto('protected_accounts')
    .values({
      ...{ tenant_id: 'muster', user_name: 'rita.refused', kind: 'director', rule: 'refuse' },
      ...{ note: null, identity: null, set_by: 'owner@msp' },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

const put = (path: string, body: unknown) => (): Sent => ({
  method: 'PUT',
  path,
  as: 'msp/operator',
  headers: { 'stellwerk-tenant': 'muster' },
  body,
});
const settings = (change: object) =>
  put('/v1/settings', { accountsPerHour: 10, lastAdministrator: 'refuse', ...change });
const protect = (change: object, user = 'otto.chef') =>
  put(`/v1/protected-accounts/${user}`, { kind: 'director', rule: 'refuse', ...change });

/** Second persons, protected accounts and the settings about both. */
export const secondPersonRows = [
  ...answeredBy(403, 'access.denied', ['a customer’s confirmation', confirm({}, 'muster/customer_admin'), given()]),
  ...answeredBy(409, 'plan.hash_mismatch', [
    'the confirmation of another plan',
    confirm({ planHash: '0'.repeat(64) }),
    given(),
  ]),
  ...answeredBy(422, 'request.invalid', [
    'a confirmation without a hash',
    confirm({ planHash: undefined }),
    { ...given(), ...at('planHash', 'missing') },
  ]),
  ...answeredBy(409, 'confirmation.not_needed', [
    'the confirmation of a plan that needs none',
    confirm(),
    given(needsNobody),
  ]),
  ...answeredBy(403, 'confirmation.requester_cannot_confirm', [
    'the requester’s confirmation',
    confirm(),
    given(undefined, muster('operator@msp')),
  ]),
  ...answeredBy(403, 'confirmation.leaver_cannot_confirm', [
    'the leaver’s confirmation',
    confirm(),
    given(undefined, muster().about('operator@msp')),
  ]),
  ...answeredBy(403, 'confirmation.decider_cannot_confirm', [
    'the approver’s own confirmation',
    confirm(),
    given(approvedByOperator),
  ]),
  ...answeredBy(403, 'approval.confirmer_cannot_decide', [
    'the confirmer’s own approval',
    act('decisions', 'msp/operator'),
    given(confirmedByOperator),
  ]),
  ...answeredBy(409, 'tenant.not_live', [
    'the approval of a plan after the agreement ended',
    act('decisions', 'muster/approver'),
    withoutAgreement(),
  ]),
  ...answeredBy(409, 'tenant.not_live', [
    'the second person’s word that would let an approval take effect after the agreement ended',
    confirm({}, 'msp/owner'),
    withoutAgreement(approvedByOperator),
  ]),
  ...answeredBy(409, 'request.account_protected', [
    'the approval of a plan about a protected account',
    act('decisions', 'muster/approver'),
    given(protectedName, muster().about('Rita.Refused')),
  ]),
  ...answeredBy(404, 'protected_account.not_found', [
    'taking away a protection that is not there',
    () => ({ ...protect({}, 'nobody')(), method: 'DELETE', body: undefined }),
  ]),
  ...answeredBy(
    422,
    'request.invalid',
    ['a limit of nothing', settings({ accountsPerHour: 0 }), at('accountsPerHour', 'too_small')],
    ['a limit that is no number', settings({ accountsPerHour: '10' }), at('accountsPerHour', 'not_a_whole_number')],
    ['half of the settings', settings({ lastAdministrator: undefined }), at('lastAdministrator', 'missing')],
    ['an unknown rule', protect({ rule: 'ask' }), at('rule', 'not_allowed')],
    ['an unknown kind', protect({ kind: 'vip' }), at('kind', 'not_allowed')],
    ['a protected name with a line break', protect({}, 'a%0Ab'), at('user', 'not_text')],
  ),
  ...answeredBy(403, 'access.denied', [
    'a customer that loosens its own brake',
    () => ({ ...settings({})(), as: 'muster/customer_admin' as const }),
  ]),
];
