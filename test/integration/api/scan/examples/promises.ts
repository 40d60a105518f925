import type { RouteExamples } from '../example.js';
import { slaCalendar, slaPolicy } from '../service-things.js';

const office = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] } };
const policy = { lines: [{ targets: { first_response: 60, resolution: null }, calendar: 'always' }] };

export const promiseExamples: RouteExamples = {
  listSlaCalendars: async (things) => {
    await slaCalendar(things);
    return {};
  },
  getSlaCalendar: async (things) => ({ path: { name: await slaCalendar(things) } }),
  putSlaCalendar: async (things) => ({ path: { name: await slaCalendar(things) }, body: office }),
  previewSlaCalendar: async (things) => ({ path: { name: await slaCalendar(things) }, body: office }),
  confirmSlaHolidays: async (things) => ({
    path: { name: await slaCalendar(things) },
    body: { year: 2027, dates: ['2027-01-01', '2027-01-06'] },
  }),
  proposeHolidays: () => ({ query: { country: 'DE', state: 'BY', place: 'Augsburg', year: '2027' } }),
  listSlaPolicies: async (things) => {
    await slaPolicy(things);
    return {};
  },
  getSlaPolicy: async (things) => ({ path: { tier: await slaPolicy(things) } }),
  putSlaPolicy: async (things) => ({ path: { tier: await slaPolicy(things) }, body: policy }),
  previewSlaPolicy: async (things) => ({ path: { tier: await slaPolicy(things) }, body: policy }),
  getSlaTier: () => ({}),
  putSlaTier: async (things) => ({ body: { tier: await slaPolicy(things), reason: 'From the new contract on.' } }),
  previewSlaTier: async (things) => ({ body: { tier: await slaPolicy(things) } }),
  listSlaChanges: () => ({}),
  trySlaTargets: () => ({
    body: { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', targets: { resolution: 240 } },
  }),
};
