export * from './model/index.js';
export { onCallAt, shiftsBetween } from './model/schedule-times.js';
