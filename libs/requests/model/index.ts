export * from './offboarding-steps.js';
export * from './reinstatement.js';
