export * from './model/index.js';
export * from './service/check-policy.js';
export * from './store/delegation.store.js';
export * from './store/excluded.store.js';
export * from './store/people.store.js';
export * from './store/policy.store.js';
export * from './store/round.store.js';
export * from './store/stand-in.store.js';
