export * from './envelope.js';
export * from './key-ring.js';
export * from './local-key-ring.js';
export * from './open-key-ring.js';
export * from './vault-key-ring.js';
