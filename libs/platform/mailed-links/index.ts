export * from './link-purposes.js';
export * from './mailed-links.js';
export * from './mailed-links.store.js';
export * from './mailed-token.js';
