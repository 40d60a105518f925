import { runEnded, webhookDisabled } from '#libs/events';
import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const wish = { url: 'https://psa.example/hook', eventTypes: [runEnded.type, webhookDisabled.type] };
const ofWebhook = async (things: Things) => ({ path: { id: await things.webhook() } });

export const webhookExamples: RouteExamples = {
  createWebhook: () => ({ body: { ...wish, description: 'The PSA.' } }),
  listWebhooks: async (things) => {
    await things.webhook();
    return {};
  },
  getWebhook: ofWebhook,
  putWebhook: async (things) => ({ ...(await ofWebhook(things)), body: { ...wish, enabled: false } }),
  deleteWebhook: ofWebhook,
  rotateWebhookSecret: async (things) => ({ ...(await ofWebhook(things)), body: { overlapHours: 1 } }),
  testWebhook: ofWebhook,
  listWebhookDeliveries: ofWebhook,
  redeliverWebhook: async (things) => ({ path: { id: await things.delivery('failed') } }),
};
