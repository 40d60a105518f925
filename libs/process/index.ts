export { freshEffect, takesBackOwnRun } from './service/fresh-effect.js';
export * from './service/plan-drawing.js';
export * from './service/process-errors.js';
export * from './service/step-compensation.js';
export * from './service/step-executor.js';
export * from './service/step-record.js';
export * from './service/step-systems.js';
export * from './store/run-reader.store.js';
export * from './store/run.store.js';
