export * from './limit-table.js';
export * from './limit.errors.js';
export * from './limit.store.js';
export * from './limits.js';
export { largestLease } from './token-lease.js';
export * from './limit-settings.js';
export * from './marks.js';
export * from './sign-in-limits.js';
