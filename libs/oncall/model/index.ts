export * from './rest.model.js';
export * from './schedule-faults.model.js';
export * from './schedule.model.js';
