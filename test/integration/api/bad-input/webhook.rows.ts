import { newId } from '#libs/kernel';
import { runEnded } from '#libs/events';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type Sent } from './row.js';
import type { World } from './world.js';

const wish = { url: 'https://psa.example/hook', eventTypes: [runEnded.type] };
const create =
  (change: object, as: Sent['as'] = 'muster/customer_admin') =>
  (): Sent => ({
    method: 'POST',
    path: '/v1/webhooks',
    ...(as ? { as } : {}),
    headers: { 'idempotency-key': newId() },
    body: { ...wish, ...change },
  });
const on = (method: string, path: string, body?: unknown) => (): Sent => ({
  method,
  path,
  as: 'muster/customer_admin',
  headers: { 'idempotency-key': newId() },
  ...(body === undefined ? {} : { body }),
});

let pending = '';
const givenPending = {
  given: async ({ fixture: { database } }: World) => {
    pending = await new Things(database.admin, 'muster').delivery('pending');
    return async () => void (await database.admin.deleteFrom('webhook_subscriptions').execute());
  },
};
const givenMany = {
  given: async ({ fixture: { database } }: World) => {
    const things = new Things(database.admin, 'muster');
    for (let i = 0; i < 100; i++) await things.webhook();
    return async () => void (await database.admin.deleteFrom('webhook_subscriptions').execute());
  },
};

/** Webhooks. */
export const webhookRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a webhook to a file', create({ url: 'file:///etc/passwd' }), at('url', 'not_a_url')],
    ['a webhook with a login in its address', create({ url: 'https://a:b@psa.example/' }), at('url', 'not_a_url')],
    ['a webhook to a port alone', create({ url: 'https://:443/' }), at('url', 'not_a_url')],
    [
      'a webhook for an event that stays in the house',
      create({ eventTypes: ['de.stellwerk.process.run.lost.v1'] }),
      at('eventTypes', 'not_allowed'),
    ],
    ['a webhook for nothing', create({ eventTypes: [] }), at('eventTypes', 'too_few')],
    ['a webhook with its own secret', create({ secret: 'whsec_AAAA' }), at('secret', 'unknown_field')],
    [
      'a secret that holds for a year beside the next',
      on('POST', `/v1/webhooks/${NO_ID}/rotate`, { overlapHours: 9000 }),
      at('overlapHours', 'too_large'),
    ],
  ),
  ...answeredBy(403, 'access.denied', ['a requester’s webhook', create({}, 'muster/requester')]),
  ...answeredBy(
    404,
    'webhook.not_found',
    ['changing a webhook that is not there', on('PUT', `/v1/webhooks/${NO_ID}`, { ...wish, enabled: true })],
    ['removing a webhook that is not there', on('DELETE', `/v1/webhooks/${NO_ID}`)],
    ['testing a webhook that is not there', on('POST', `/v1/webhooks/${NO_ID}/test`)],
    ['the deliveries of a webhook that is not there', on('GET', `/v1/webhooks/${NO_ID}/deliveries`)],
  ),
  ...answeredBy(404, 'webhook.delivery_not_found', [
    'sending again what was never sent',
    on('POST', `/v1/webhook-deliveries/${NO_ID}/redeliver`),
  ]),
  ...answeredBy(409, 'webhook.delivery_pending', [
    'sending again what is still being tried',
    () => on('POST', `/v1/webhook-deliveries/${pending}/redeliver`)(),
    givenPending,
  ]),
  ...answeredBy(409, 'webhook.too_many', ['one webhook too many', create({}), givenMany]),
];
