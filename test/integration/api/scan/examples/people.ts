import { newId } from '#libs/kernel';
import type { RouteExamples } from '../example.js';

const GRANT = { role: 'auditor', covers: 'home' };
const reason = 'As agreed on the phone.';

export const peopleExamples: RouteExamples = {
  listApiKeys: async (things) => {
    await things.apiKey();
    return {};
  },
  createApiKey: () => ({ body: { name: 'a script', role: 'auditor' } }),
  rotateApiKey: async (things) => ({ path: { id: await things.apiKey() }, body: { overlapHours: 1 } }),
  revokeApiKey: async (things) => ({ path: { id: await things.apiKey() } }),
  listPeople: async (things) => {
    await things.person();
    return {};
  },
  getPerson: async (things) => ({ path: { id: (await things.person()).id } }),
  giveGrant: async (things) => ({
    path: { id: (await things.person()).id },
    body: { role: 'auditor', covers: 'home', reason },
  }),
  endGrant: async (things) => {
    const { id, grantId } = await things.person();
    return { path: { id, grantId }, body: { reason } };
  },
  listPersonIdentities: async (things) => ({ path: { id: (await things.identity()).personId } }),
  linkIdentity: async (things) => ({
    path: { id: (await things.person()).id, provider: await things.identityProvider() },
    body: { subject: `issuer-${newId()}`, reason },
  }),
  unlinkIdentity: async (things) => {
    const { personId, provider } = await things.identity();
    return { path: { id: personId, provider }, body: { reason } };
  },
  listAlarms: async (things) => {
    await things.alarm();
    return {};
  },
  acknowledgeAlarm: async (things) => ({ path: { id: await things.alarm() }, body: { reason } }),
  listInvitations: async (things) => {
    await things.invitation();
    return {};
  },
  getInvitation: async (things) => ({ path: { id: await things.invitation() } }),
  invite: (things) => ({
    body: { mail: `${things.user()}@firma.example`, name: 'Gerda Gast', language: 'de', grants: [GRANT], reason },
  }),
  sendInvitationAgain: async (things) => ({ path: { id: await things.invitation() } }),
  withdrawInvitation: async (things) => ({ path: { id: await things.invitation() }, body: { reason } }),
  listPersonPasskeys: async (things) => ({ path: { id: (await things.passkey()).personId } }),
  removePersonPasskeys: async (things) => ({ path: { id: (await things.passkey()).personId }, body: { reason } }),
  lockPerson: async (things) => ({ path: { id: (await things.person()).id }, body: { reason } }),
  closePerson: async (things) => ({ path: { id: (await things.person()).id }, body: { reason } }),
  unlockPerson: async (things) => ({ path: { id: await things.lockedPerson() }, body: { reason } }),
};
