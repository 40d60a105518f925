import { AppError } from '#libs/kernel';

/** The event names a tenant that we do not have. */
export class TenantUnknown extends AppError {
  readonly code = 'bridge.tenant_unknown';
  readonly title = 'An event’s tenant is not known';
  readonly kind = 'invalid';
}
/** The event's partition key belongs to another tenant than the event. */
export class TenantMismatch extends AppError {
  readonly code = 'bridge.tenant_mismatch';
  readonly title = 'An event’s key is not its tenant’s';
  readonly kind = 'invalid';
}
/** The event is for a workflow of a request that we do not have, or that another event submitted. */
export class RequestUnknown extends AppError {
  readonly code = 'bridge.request_unknown';
  readonly title = 'An event’s request is not known';
  readonly kind = 'invalid';
}
/** We have no such decision as the event tells of. */
export class DecisionUnknown extends AppError {
  readonly code = 'bridge.decision_unknown';
  readonly title = 'An event’s decision is not known';
  readonly kind = 'invalid';
}

/** An event tells of an intervention that nobody made. */
export class ActUnknown extends AppError {
  readonly code = 'bridge.act_unknown';
  readonly title = 'An event tells of an act that is not on record';
  readonly kind = 'invalid';
}
/** An event tells of something that is not in our tables, or is not one of its own events. */
export class ServedUnknown extends AppError {
  readonly code = 'bridge.subject_unknown';
  readonly title = 'What an event tells of is not on record';
  readonly kind = 'invalid';
}
/** Temporal refuses the call and will refuse it again: invalid, too large, or a limit of the workflow is reached. */
export class EngineRefused extends AppError {
  readonly code = 'bridge.engine_refused';
  readonly title = 'The workflow engine refuses this event';
  readonly kind = 'invalid';
}
/** Temporal keeps failing on this one event while others pass. */
export class EngineFailed extends AppError {
  readonly code = 'bridge.engine_failed';
  readonly title = 'The workflow engine fails on this event';
  readonly kind = 'internal';
}
/** No workflow takes the signal, and there is no run on whose timeline it could be noted. */
export class WorkflowMissing extends AppError {
  readonly code = 'bridge.workflow_missing';
  readonly title = 'No workflow takes this event';
  readonly kind = 'conflict';
}
/** A fault of the bridge itself on one event. */
export class DispatchFailed extends AppError {
  readonly code = 'bridge.dispatch_failed';
  readonly title = 'The bridge failed on this event';
  readonly kind = 'internal';
}
