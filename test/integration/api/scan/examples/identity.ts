import { newId } from '#libs/kernel';
import type { RouteExamples } from '../example.js';

/** Whoever calls by a key has no session, and those of others are not theirs. */
const NOT_THEIRS = 'session.not_found';

export const identityExamples: RouteExamples = {
  getMe: () => ({}),
  signOut: () => ({}),
  listOwnSessions: () => ({}),
  endOwnSessions: () => ({}),
  endOwnSession: [
    {
      refused: {
        'msp:owner': NOT_THEIRS,
        'msp:operator': NOT_THEIRS,
        'msp:technician': NOT_THEIRS,
        'msp:auditor': NOT_THEIRS,
        'customer:customer_admin': NOT_THEIRS,
        'customer:approver': NOT_THEIRS,
        'customer:requester': NOT_THEIRS,
        'customer:auditor': NOT_THEIRS,
      },
      make: async (things) => ({ path: { id: (await things.session()).id } }),
    },
  ],
  listPersonSessions: async (things) => ({ path: { id: (await things.session()).personId } }),
  endPersonSessions: async (things) => ({ path: { id: (await things.session()).personId } }),
  endPersonSession: async (things) => {
    const { personId, id } = await things.session();
    return { path: { id: personId, session: id } };
  },
  listIdentityProviders: async (things) => {
    await things.identityProvider();
    return {};
  },
  putIdentityProvider: () => {
    const name = `p${newId().slice(-12)}`;
    // switched off, its issuer is not asked
    const body = { issuer: `https://${name}.example`, clientId: 'stellwerk', roles: [], enabled: false };
    return { path: { name }, body };
  },
  listMachineClients: async (things) => {
    await things.identityProvider();
    return {};
  },
  putMachineClient: async (things) => ({
    path: { name: `m${newId().slice(-12)}` },
    body: { provider: await things.identityProvider(), clientId: `backup-${newId()}`, role: 'requester' },
  }),
};
