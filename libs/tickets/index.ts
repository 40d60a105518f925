export * from './model/index.js';
export * from './service/mail-addresses.js';
export * from './service/mail-tokens.js';
export * from './service/request-mail.js';
export * from './service/work-on-tickets.js';
export * from './store/ticket-mail.store.js';
export * from './store/ticket.store.js';
export * from './service/service-levels.js';
