export * from './alarm.errors.js';
export * from './alarm.model.js';
export * from './claims.model.js';
export * from './identity.errors.js';
export * from './provider.model.js';
export * from './relying-party.model.js';
export * from './return-path.model.js';
