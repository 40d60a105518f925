import type { RouteExamples } from '../example.js';

const fingerprint = `SHA256:${'z'.repeat(43)}`;

export const outgoingExamples: RouteExamples = {
  listOutgoingPolicies: () => ({}),
  putOutgoingPolicy: () => ({
    body: {
      publicAddresses: 'listed',
      allowances: [{ to: '10.20.0.0/16', ports: [636], protocols: ['ldap'], reason: 'Its domain controllers.' }],
    },
  }),
  listHostKeys: async (things) => {
    await things.hostKey();
    return {};
  },
  trustHostKey: (things) => ({
    body: { host: `${things.user()}.example`, port: 22, fingerprint, reason: 'Read at the console.' },
  }),
  forgetHostKey: async (things) => ({ path: { id: await things.hostKey() } }),
};
