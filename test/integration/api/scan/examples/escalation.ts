import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const chain = async (things: Things) => ({
  steps: [
    { kind: 'notify', receivers: [{ kind: 'person', subject: await things.mspPerson() }] },
    { kind: 'wait', minutes: 15 },
  ],
  repeat: 1,
  acknowledgementMinutes: 60,
});
const named = (name: string) => ({ path: { name } });
const ofEscalation = async (things: Things) => ({ path: { id: await things.escalation() } });

export const escalationExamples: RouteExamples = {
  listEscalations: async (things) => {
    await things.escalation();
    return {};
  },
  getEscalation: ofEscalation,
  acknowledgeEscalation: ofEscalation,
  startEscalation: async (things) => ({
    path: { id: await things.ticket() },
    body: { chain: await things.escalationChain(), reason: 'Their boss is on the phone.' },
  }),
  listSlaTimers: () => ({}),
  listEscalationChains: async (things) => {
    await things.escalationChain();
    return {};
  },
  getEscalationChain: async (things) => named(await things.escalationChain()),
  putEscalationChain: async (things) => ({ ...named(await things.escalationChain()), body: await chain(things) }),
  getEscalationTriggers: () => ({}),
  putEscalationTriggers: async (things) => ({
    body: { triggers: [{ on: 'breach', clock: 'resolution', chain: await things.escalationChain() }] },
  }),
  getEscalationSettings: () => ({}),
  putEscalationSettings: () => ({ body: { conferenceTemplate: 'https://meet.example/{ticket}', closeAfterDays: 5 } }),
  listNotificationChannels: async (things) => {
    await things.notificationChannel();
    return {};
  },
  getNotificationChannel: async (things) => named(await things.notificationChannel()),
  putNotificationChannel: async (things) => ({
    ...named(await things.notificationChannel()),
    body: { kind: 'slack', url: 'secret://slack-url' },
  }),
};
