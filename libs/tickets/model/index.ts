export * from './entry-kinds.js';
export * from './ticket.errors.js';
export * from './ticket.model.js';
