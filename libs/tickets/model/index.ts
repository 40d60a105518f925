export * from './entry-kinds.js';
export * from './mail-kinds.js';
export * from './mail-text.model.js';
export * from './mail.errors.js';
export * from './ticket.errors.js';
export * from './ticket.model.js';
