export * from './model/index.js';
export { isLastWorkingAt } from './model/last-working-at.model.js';
export * from './service/accept-requests.js';
export * from './service/read-requests.js';
export * from './service/submit-offboarding.js';
export * from './store/plan.store.js';
export * from './store/request-progress.store.js';
export * from './store/request.store.js';
