export * from './model/index.js';
export * from './service/notices.js';
export * from './store/mail.store.js';
