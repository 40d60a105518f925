import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';
import {
  calendarFeed,
  onCallOverride,
  onCallSchedule,
  onCallScheduleOf,
  onCallSwap,
  personSubject,
  team,
} from '../service-things.js';

const layer = (people: readonly string[]) => ({ people, startsOn: '2026-01-05', handoverAt: '08:00', turnDays: 7 });
const schedule = async (things: Things) => {
  const name = `Nights of ${things.user()}`;
  return { name, timezone: 'Europe/Berlin', layers: [layer([await personSubject(things)])] };
};
const ofSchedule = async (things: Things) => ({ path: { id: await onCallSchedule(things) } });
const span = { from: '2030-01-01T08:00:00Z', to: '2030-01-02T08:00:00Z' };

export const oncallExamples: RouteExamples = {
  getOnCallNow: async (things) => {
    await onCallSchedule(things);
    return {};
  },
  listOnCallSchedules: async (things) => {
    await onCallSchedule(things);
    return {};
  },
  createOnCallSchedule: async (things) => ({ body: await schedule(things) }),
  getOnCallSchedule: ofSchedule,
  putOnCallSchedule: async (things) => ({ ...(await ofSchedule(things)), body: await schedule(things) }),
  archiveOnCallSchedule: ofSchedule,
  listOnCallShifts: async (things) => ({ ...(await ofSchedule(things)), query: { ...span } }),
  enterOnCallOverride: async (things) => ({
    ...(await ofSchedule(things)),
    body: { ...span, person: await personSubject(things), reason: 'A wedding.' },
  }),
  withdrawOnCallOverride: async (things) => ({ path: { id: await onCallOverride(things) } }),
  listOnCallSwaps: ofSchedule,
  proposeOnCallSwap: [
    {
      needs: 'oncall.write',
      refused: { 'msp:technician': 'access.denied' },
      make: async (things) => {
        const { id, person } = await onCallScheduleOf(things);
        return { path: { id }, body: { giver: person, taker: await personSubject(things), gives: span } };
      },
    },
  ],
  answerOnCallSwap: [
    {
      // only whom it was proposed to
      refused: { 'msp:operator': 'access.denied', 'msp:technician': 'access.denied' },
      make: async (things) => ({ path: { id: await onCallSwap(things, 'owner@msp') }, body: { answer: 'refused' } }),
    },
  ],
  listTeams: async (things) => {
    await team(things);
    return {};
  },
  createTeam: async (things) => ({
    body: { name: `Network of ${things.user()}`, members: [await personSubject(things)] },
  }),
  putTeam: async (things) => ({
    path: { id: await team(things) },
    body: { name: `Servers of ${things.user()}`, members: [await personSubject(things)] },
  }),
  archiveTeam: async (things) => ({ path: { id: await team(things) } }),
  getContactMethods: () => ({}),
  putContactMethods: () => ({ body: { methods: [{ kind: 'sms', address: '+4989123456' }] } }),
  listCalendarFeeds: () => ({}),
  createCalendarFeed: () => ({ body: {} }),
  // somebody else’s, and of another tenant: only one’s own is there
  revokeCalendarFeed: [
    {
      refused: {
        'msp:owner': 'oncall.feed_not_found',
        'msp:operator': 'oncall.feed_not_found',
        'msp:technician': 'oncall.feed_not_found',
      },
      make: async (things) => ({ path: { id: await calendarFeed(things, 'owner@msp') } }),
    },
  ],
};
