export * from './config.js';
export * from './master-keys-config.js';
export * from './ticket-mail-config.js';
