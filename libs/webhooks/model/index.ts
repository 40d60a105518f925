export * from './receiver-line.model.js';
export * from './webhook-match.model.js';
export * from './webhook-schedule.model.js';
