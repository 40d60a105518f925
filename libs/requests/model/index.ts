export * from './decision.model.js';
export * from './offboarding-steps.js';
export * from './reinstatement.js';
export * from './request-status.model.js';
export * from './request.errors.js';
