export * from './connect-temporal.js';
export * from './payloads/index.js';
export * from './temporal-errors.js';
