export * from './model/index.js';
export * from './store/agreement.store.js';
export * from './store/contact.store.js';
export * from './store/site.store.js';
export * from './store/tenant.store.js';
export * from './store/tenant-group.store.js';
