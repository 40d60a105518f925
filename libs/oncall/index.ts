export * from './model/index.js';
export { onCallOf, shiftsOf, type OnCallNow } from './model/record-times.js';
export { onCallAt, shiftsBetween } from './model/schedule-times.js';
export * from './service/on-call-now.js';
export * from './store/reach.store.js';
export * from './store/schedule.store.js';
export * from './store/swap.store.js';
