export * from './config.js';
export type * from './master-keys-config.js';
