export * from './drift.js';
export * from './next-moves.js';
export * from './outcome.js';
export * from './plan.js';
export * from './run-state.js';
