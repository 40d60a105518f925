export * from './block.js';
export * from './errors.js';
