import type { RouteExamples } from '../example.js';
import { escalation, escalationChain, mspPerson, notificationChannel } from '../escalation-things.js';
import type { Things } from '../things.js';

const chain = async (things: Things) => ({
  steps: [
    { kind: 'notify', receivers: [{ kind: 'person', subject: await mspPerson(things) }] },
    { kind: 'wait', minutes: 15 },
  ],
  repeat: 1,
  acknowledgementMinutes: 60,
});
const named = (name: string) => ({ path: { name } });
const ofEscalation = async (things: Things) => ({ path: { id: await escalation(things) } });

export const escalationExamples: RouteExamples = {
  listEscalations: async (things) => {
    await escalation(things);
    return {};
  },
  getEscalation: ofEscalation,
  acknowledgeEscalation: ofEscalation,
  startEscalation: async (things) => ({
    path: { id: await things.ticket() },
    body: { chain: await escalationChain(things), reason: 'Their boss is on the phone.' },
  }),
  listSlaTimers: () => ({}),
  listEscalationChains: async (things) => {
    await escalationChain(things);
    return {};
  },
  getEscalationChain: async (things) => named(await escalationChain(things)),
  putEscalationChain: async (things) => ({ ...named(await escalationChain(things)), body: await chain(things) }),
  getEscalationTriggers: () => ({}),
  putEscalationTriggers: async (things) => ({
    body: { triggers: [{ on: 'breach', clock: 'resolution', chain: await escalationChain(things) }] },
  }),
  getEscalationSettings: () => ({}),
  putEscalationSettings: () => ({ body: { conferenceTemplate: 'https://meet.example/{ticket}', closeAfterDays: 5 } }),
  listNotificationChannels: async (things) => {
    await notificationChannel(things);
    return {};
  },
  getNotificationChannel: async (things) => named(await notificationChannel(things)),
  putNotificationChannel: async (things) => ({
    ...named(await notificationChannel(things)),
    body: { kind: 'slack', url: 'secret://slack-url' },
  }),
};
