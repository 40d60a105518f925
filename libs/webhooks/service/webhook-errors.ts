import { AppError } from '#libs/kernel';

export class WebhookNotFound extends AppError {
  readonly code = 'webhook.not_found';
  readonly title = 'There is no such webhook';
  readonly kind = 'not_found';
}

export class WebhookDeliveryNotFound extends AppError {
  readonly code = 'webhook.delivery_not_found';
  readonly title = 'There is no such delivery';
  readonly kind = 'not_found';
}

/** A delivery that is still being tried is not sent a second time. */
export class WebhookDeliveryPending extends AppError {
  readonly code = 'webhook.delivery_pending';
  readonly title = 'A delivery is still being tried';
  readonly kind = 'conflict';
}

/** More subscriptions than one tenant may have. */
export class TooManyWebhooks extends AppError {
  readonly code = 'webhook.too_many';
  readonly title = 'A customer has as many webhooks as it may have';
  readonly kind = 'conflict';
}
