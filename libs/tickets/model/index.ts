export * from './ticket.errors.js';
export * from './ticket.model.js';
