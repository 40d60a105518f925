import type { RouteExamples } from '../example.js';

export const settingsExamples: RouteExamples = {
  getTemplate: () => ({ path: { process: 'offboarding' } }),
  putTemplate: () => ({ path: { process: 'offboarding' }, body: {} }),
  getTemplateSchema: () => ({ path: { process: 'offboarding' } }),
  listAudit: () => ({}),
  exportAudit: () => ({}),
  listProtectedAccounts: async (things) => {
    await things.protectedAccount();
    return {};
  },
  putProtectedAccount: (things) => ({
    path: { user: things.user() },
    body: { kind: 'director', rule: 'refuse', note: 'Has the keys to everything.' },
  }),
  deleteProtectedAccount: async (things) => ({ path: { user: await things.protectedAccount() } }),
  listLimits: () => ({}),
  putLimits: () => ({ body: { limits: [{ name: 'under_way.tenant', most: 121 }] } }),
  listRetention: () => ({}),
  putRetention: () => ({ body: { outcomes: [{ outcome: 'refused', days: 91 }] } }),
  listSettings: () => ({}),
  putSettings: () => ({ body: { accountsPerHour: 1000, lastAdministrator: 'refuse' } }),
};
