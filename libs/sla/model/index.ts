export * from './calendar-faults.model.js';
export * from './calendar.errors.js';
export * from './service-calendar.model.js';
export * from './sla-clock.model.js';
export * from './sla.errors.js';
export * from './spans.model.js';
export * from './ticket-clocks.model.js';
export * from './ticket-facts.model.js';
