export * from './approval-policy.model.js';
export * from './approval.errors.js';
export * from './deciders.model.js';
export * from './delegation.model.js';
export * from './people-to-tell.model.js';
export * from './policy-faults.model.js';
export * from './round-schedule.model.js';
export * from './vote.model.js';
