import { localIn } from '../../../../support/api/dates.js';
import type { RouteExamples } from '../example.js';

export const requestExamples: RouteExamples = {
  submitRequest: (things) => ({ body: { type: 'offboarding', user: things.user(), lastWorkingAt: localIn(30) } }),
  importRequests: (things) => ({
    query: { type: 'offboarding' },
    headers: { 'content-type': 'text/csv' },
    raw: `user,lastWorkingAt\n${things.user()},${localIn(30)}\n`,
  }),
  listRequests: async (things) => {
    await things.plannedRequest();
    return {};
  },
  getRequest: async (things) => ({ path: { id: (await things.plannedRequest()).id } }),
  getPlan: async (things) => ({ path: { id: (await things.plannedRequest()).id } }),
  decide: async (things) => {
    const { id, planHash } = await things.plannedRequest();
    return { path: { id }, body: { decision: 'reject', planHash, reason: 'Not this year.' } };
  },
  confirm: async (things) => {
    const { id, planHash } = await things.doubtfulRequest();
    return { path: { id }, body: { planHash } };
  },
  giveAct: [
    {
      what: 'complete',
      needs: 'act.complete',
      make: async (things) => {
        const { id, stepId } = await things.openRun();
        return { path: { id }, body: { act: 'complete', stepId, reason: 'It lies on my desk.' } };
      },
    },
    {
      what: 'pause',
      needs: 'act.intervene',
      make: async (things) => ({
        path: { id: (await things.openRun()).id },
        body: { act: 'pause', reason: 'Frau Roth asked.' },
      }),
    },
    {
      what: 'cancel',
      needs: 'act.call_off',
      make: async (things) => ({
        path: { id: (await things.openRun()).id },
        body: { act: 'cancel', reason: 'She stays.' },
      }),
    },
    {
      what: 'lock_out',
      needs: 'act.lock_out',
      make: async (things) => ({
        path: { id: (await things.request().in(things.admin)).id },
        body: { act: 'lock_out', reason: 'Now.', verifiedCall: 'Herr Meier, called back.' },
      }),
    },
  ],
};
