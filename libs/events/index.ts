export * from './catalogue.js';
export * from './cloud-event.js';
export * from './decode-event.js';
export * from './define-event.js';
export * from './people-events.js';
export * from './process-events.js';
export * from './request-events.js';
