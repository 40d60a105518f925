export * from './connect-temporal.js';
export * from './temporal-errors.js';
