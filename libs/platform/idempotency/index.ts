export * from './idempotent-call.js';
