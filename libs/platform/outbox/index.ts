export * from './append-event.js';
export * from './outbox-hint.js';
export * from './republish.js';
