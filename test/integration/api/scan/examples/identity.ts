import { newId } from '#libs/kernel';
import type { DetailedExample, RouteExamples } from '../example.js';

/** Whoever calls by a key has no session, and those of others are not theirs. */
const NOT_THEIRS = 'session.not_found';

/** Whoever calls by a key has not just signed in. */
const NOT_SIGNED_IN = everybody('passkey.sign_in_too_old');

export const identityExamples: RouteExamples = {
  getMe: () => ({}),
  signOut: () => ({}),
  listOwnSessions: () => ({}),
  endOwnSessions: () => ({}),
  endOwnSession: [
    {
      refused: everybody(NOT_THEIRS),
      make: async (things) => ({ path: { id: (await things.session()).id } }),
    },
  ],
  listOwnPasskeys: () => ({}),
  beginPasskey: [{ refused: NOT_SIGNED_IN, make: () => ({}) }],
  addPasskey: [{ refused: NOT_SIGNED_IN, make: () => ({ body: { name: 'Phone', credential: {} } }) }],
  renamePasskey: [
    {
      refused: NOT_SIGNED_IN,
      make: async (things) => ({ path: { id: (await things.passkey()).id }, body: { name: 'Phone' } }),
    },
  ],
  removeOwnPasskey: [
    { refused: NOT_SIGNED_IN, make: async (things) => ({ path: { id: (await things.passkey()).id } }) },
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

/** The same code for every role. */
function everybody(code: string): NonNullable<DetailedExample['refused']> {
  const roles = [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'msp:auditor',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
    'customer:auditor',
  ] as const;
  return Object.fromEntries(roles.map((role) => [role, code]));
}
