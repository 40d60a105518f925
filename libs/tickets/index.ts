export * from './model/index.js';
export * from './service/work-on-tickets.js';
export * from './store/ticket.store.js';
