import type { Feature } from '../feature.js';
import { WebhookDesk } from './webhook-desk.js';
import { WebhooksController } from './webhooks.controller.js';

export const webhooksFeature: Feature = {
  controllers: [WebhooksController],
  providers: ({ database, keys, hint }) => [{ provide: WebhookDesk, useValue: new WebhookDesk(database, keys, hint) }],
};
