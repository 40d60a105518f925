export * from './model/index.js';
export * from './service/deliver-webhook.js';
export * from './service/record-deliveries.js';
export * from './service/webhook-errors.js';
export * from './service/webhook-signature.js';
export * from './store/delivery.store.js';
export * from './store/subscription.store.js';
