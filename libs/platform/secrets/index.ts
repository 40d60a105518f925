export * from './link-token.js';
export * from './one-time-links.js';
export * from './one-time-links.store.js';
export * from './sealed-values.js';
export * from './secrets.js';
export * from './signing-keys.js';
