export * from './append-audit.js';
