export * from './contact-method.model.js';
export * from './on-call.errors.js';
export * from './rest.model.js';
export * from './schedule-faults.model.js';
export * from './schedule-record.model.js';
export * from './schedule.model.js';
