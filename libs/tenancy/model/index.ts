export * from './agreement.model.js';
export * from './tenant-id.model.js';
export * from './tenant.errors.js';
