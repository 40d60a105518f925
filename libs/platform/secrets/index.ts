export * from './sealed-values.js';
export * from './secrets.js';
