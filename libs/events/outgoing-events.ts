import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const closed = { additionalProperties: false };
const subscriptionId = '01975d1c-7a00-7000-8000-000000000011';

export const hostKeyRefused = defineEvent('outgoing.host_key.refused', 1, {
  summary: 'Alarm: an SSH server showed another key than the one that is trusted. Nothing was sent to it.',
  schema: Type.Object({ hostKeyId: id }, closed),
  sample: { hostKeyId: '01975d1c-7a00-7000-8000-000000000010' },
});

export const webhookDeliveryRequested = defineEvent('webhook.delivery.requested', 1, {
  summary: 'Somebody asked for a test message, or for a message to be sent again.',
  schema: Type.Object({ subscriptionId: id, deliveryId: id }, closed),
  sample: { subscriptionId, deliveryId: '01975d1c-7a00-7000-8000-000000000012' },
});

export const webhookDisabled = defineEvent('webhook.subscription.disabled', 1, {
  summary: 'Alarm: a webhook is told nothing any more, because its receiver is gone or failed for days.',
  schema: Type.Object(
    { subscriptionId: id, because: Type.Union([Type.Literal('gone'), Type.Literal('failing')]) },
    closed,
  ),
  sample: { subscriptionId, because: 'failing' },
});
