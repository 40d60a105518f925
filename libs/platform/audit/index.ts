export * from './append-audit.js';
export * from './audit-anchors.js';
export * from './audit-hashes.js';
export * from './chain-entries.js';
export * from './erase-from-audit.js';
export type { GivenAnchor, SignatureCheck } from './verify-anchors.js';
export * from './verify-audit.js';
