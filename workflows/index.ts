export { approval } from './approval/approval.workflow.js';
export { absence } from './absence/absence.workflow.js';
export { mover } from './mover/mover.workflow.js';
export { offboarding } from './offboarding/offboarding.workflow.js';
export { onboarding } from './onboarding/onboarding.workflow.js';
export { reinstatement } from './reinstatement/reinstatement.workflow.js';
export { rework } from './rework/rework.workflow.js';
export { reconcile } from './support/reconcile.workflow.js';
