import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const ofEndedRun = async (things: Things) => ({ path: { id: (await things.endedRun()).runId } });

export const runExamples: RouteExamples = {
  listRuns: async (things) => {
    await things.endedRun();
    return {};
  },
  getRun: ofEndedRun,
  reinstateRun: async (things) => ({ ...(await ofEndedRun(things)), body: {} }),
  listHandOvers: ofEndedRun,
  getCertificate: ofEndedRun,
  getCertificateSignature: ofEndedRun,
  getCertificatePage: ofEndedRun,
  listDeadLetters: async (things) => {
    await things.deadLetter();
    return {};
  },
  replayDeadLetter: async (things) => ({ path: { id: await things.deadLetter() } }),
};
