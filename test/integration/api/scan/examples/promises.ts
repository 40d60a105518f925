import type { RouteExamples } from '../example.js';

const office = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] } };
const policy = { lines: [{ targets: { first_response: 60, resolution: null }, calendar: 'always' }] };

export const promiseExamples: RouteExamples = {
  listSlaCalendars: async (things) => {
    await things.slaCalendar();
    return {};
  },
  getSlaCalendar: async (things) => ({ path: { name: await things.slaCalendar() } }),
  putSlaCalendar: async (things) => ({ path: { name: await things.slaCalendar() }, body: office }),
  previewSlaCalendar: async (things) => ({ path: { name: await things.slaCalendar() }, body: office }),
  confirmSlaHolidays: async (things) => ({
    path: { name: await things.slaCalendar() },
    body: { year: 2027, dates: ['2027-01-01', '2027-01-06'] },
  }),
  proposeHolidays: () => ({ query: { country: 'DE', state: 'BY', place: 'Augsburg', year: '2027' } }),
  listSlaPolicies: async (things) => {
    await things.slaPolicy();
    return {};
  },
  getSlaPolicy: async (things) => ({ path: { tier: await things.slaPolicy() } }),
  putSlaPolicy: async (things) => ({ path: { tier: await things.slaPolicy() }, body: policy }),
  previewSlaPolicy: async (things) => ({ path: { tier: await things.slaPolicy() }, body: policy }),
  getSlaTier: () => ({}),
  putSlaTier: async (things) => ({ body: { tier: await things.slaPolicy(), reason: 'From the new contract on.' } }),
  previewSlaTier: async (things) => ({ body: { tier: await things.slaPolicy() } }),
  listSlaChanges: () => ({}),
  trySlaTargets: () => ({
    body: { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', targets: { resolution: 240 } },
  }),
};
