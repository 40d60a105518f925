export * from './agreement.model.js';
export * from './tenant-id.model.js';
export * from './tenant.errors.js';
export * from './data-map/data-map.js';
export * from './data-map/table-data.js';
export * from './handover.model.js';
export * from './person.model.js';
export * from './privacy.errors.js';
