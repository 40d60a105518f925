import { AppError } from '#libs/kernel';

export class RequestNotFound extends AppError {
  readonly code = 'request.not_found';
  readonly title = 'There is no such request';
  readonly kind = 'not_found';
}

/** The plan is being drawn, or the request was refused before there was one. */
export class PlanNotReady extends AppError {
  readonly code = 'plan.not_ready';
  readonly title = 'The plan does not exist yet';
  readonly kind = 'conflict';
  override readonly retryable = true;
}

/** The approval is of another plan than the one that waits: it was drawn anew, or the hash is made up. */
export class PlanHashMismatch extends AppError {
  readonly code = 'plan.hash_mismatch';
  readonly title = 'The decision is on another plan';
  readonly kind = 'conflict';
}

export class RequestNotAwaitingApproval extends AppError {
  readonly code = 'request.not_awaiting_approval';
  readonly title = 'The request does not wait for a decision';
  readonly kind = 'conflict';
}

export class RequesterCannotDecide extends AppError {
  readonly code = 'approval.requester_cannot_decide';
  readonly title = 'Whoever requested it cannot decide on it';
  readonly kind = 'forbidden';
}

export class LeaverCannotDecide extends AppError {
  readonly code = 'approval.leaver_cannot_decide';
  readonly title = 'Whom it is about cannot decide on it';
  readonly kind = 'forbidden';
}

export class NoStepSelected extends AppError {
  readonly code = 'request.no_step_selected';
  readonly title = 'No step is selected';
  readonly kind = 'invalid';
}

/** A time on the clock that does not exist, because the clock is put forward over it. */
export class LastWorkingAtNonexistent extends AppError {
  readonly code = 'request.last_working_at_nonexistent';
  readonly title = 'The last working hour does not exist on that day';
  readonly kind = 'invalid';
}

export class LastWorkingAtPast extends AppError {
  readonly code = 'request.last_working_at_past';
  readonly title = 'The last working hour is in the past';
  readonly kind = 'invalid';
}

export class LastWorkingAtTooFar extends AppError {
  readonly code = 'request.last_working_at_too_far';
  readonly title = 'The last working hour is too far ahead';
  readonly kind = 'invalid';
}

export class ReinstatementOpen extends AppError {
  readonly code = 'run.reinstatement_open';
  readonly title = 'A reinstatement of this run is open already';
  readonly kind = 'conflict';
}

/** The customer has no data processing agreement in force. */
/** The customer has no such ticket, or the requester does not see it. */
export class RequestTicketUnknown extends AppError {
  readonly code = 'request.ticket_unknown';
  readonly title = 'There is no such ticket';
  readonly kind = 'invalid';
}

export class TenantNotLive extends AppError {
  readonly code = 'tenant.not_live';
  readonly title = 'The customer is not live';
  readonly kind = 'conflict';
}

/** The customer is suspended or is being off-boarded. */
export class TenantTakesNoRequests extends AppError {
  readonly code = 'tenant.takes_no_requests';
  readonly title = 'No request is taken for this customer';
  readonly kind = 'conflict';
}
