import type { RouteExamples } from '../example.js';

const FROM = '2030-01-01T00:00:00Z';
const UNTIL = '2030-01-08T00:00:00Z';
const STAGE = { needed: 1, rejections: 1, approvers: [{ kind: 'role', at: 'customer', role: 'approver' }] };
const POLICY = { stages: [STAGE], expiry: null, reminders: null, escalation: null };

export const approvalExamples: RouteExamples = {
  listApprovals: async (things) => {
    await things.approval();
    return {};
  },
  getApproval: async (things) => ({ path: { id: await things.approval() } }),
  listApprovalPolicies: async (things) => {
    await things.approvalPolicy();
    return {};
  },
  getApprovalPolicySchema: () => ({ path: { process: 'mover' } }),
  getApprovalPolicy: async (things) => {
    await things.approvalPolicy();
    return { path: { process: 'mover' } };
  },
  putApprovalPolicy: () => ({ path: { process: 'absence' }, body: POLICY }),
  listDelegations: async (things) => {
    await things.delegation();
    return {};
  },
  setDelegation: [
    {
      what: 'of somebody else',
      needs: 'delegation.write_for_others',
      // nobody makes themself somebody else's stand-in
      refused: { 'msp:operator': 'delegation.invalid' },
      make: ({ tenant }) => ({
        body: { delegator: `customer_admin@${tenant}`, delegate: 'operator@msp', from: FROM, until: UNTIL },
      }),
    },
  ],
  endDelegation: [
    {
      needs: 'delegation.write_for_others',
      make: async (things) => ({ path: { id: await things.delegation() } }),
    },
  ],
};
