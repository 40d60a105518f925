export { offboarding } from './offboarding/offboarding.workflow.js';
export { reinstatement } from './reinstatement/reinstatement.workflow.js';
export { reconcile } from './support/reconcile.workflow.js';
