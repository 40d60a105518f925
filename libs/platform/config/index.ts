export * from './config.js';
export * from './master-keys-config.js';
