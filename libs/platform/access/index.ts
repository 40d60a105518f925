export * from './actor.js';
export * from './api-key.js';
export * from './maker.js';
export * from './permission-meanings.js';
export * from './permissions.js';
export * from './reader.js';
export * from './portal-accounts.js';
