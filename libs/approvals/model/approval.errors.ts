import { AppError } from '#libs/kernel';

export class NotAnApprover extends AppError {
  readonly code = 'approval.not_an_approver';
  readonly title = 'The policy asks others';
  readonly kind = 'forbidden';
}

export class ApproverAlreadyVoted extends AppError {
  readonly code = 'approval.already_voted';
  readonly title = 'The vote was given already';
  readonly kind = 'conflict';
}

/** Its time is over, also while the engine has not closed it yet. */
export class ApprovalExpired extends AppError {
  readonly code = 'approval.expired';
  readonly title = 'The time for the decision is over';
  readonly kind = 'conflict';
}

export class DelegationNotInForce extends AppError {
  readonly code = 'approval.delegation_not_in_force';
  readonly title = 'There is no such delegation now';
  readonly kind = 'forbidden';
}

/** A policy names somebody or something that cannot be enforced. */
export class PolicyInvalid extends AppError {
  readonly code = 'approval_policy.invalid';
  readonly title = 'The policy cannot be used';
  readonly kind = 'invalid';
}

export class PolicyProcessUnknown extends AppError {
  readonly code = 'approval_policy.process_unknown';
  readonly title = 'There is no policy for such a process';
  readonly kind = 'not_found';
}

export class PolicyVersionNotFound extends AppError {
  readonly code = 'approval_policy.version_not_found';
  readonly title = 'The policy has no such version';
  readonly kind = 'not_found';
}

export class ApprovalNotFound extends AppError {
  readonly code = 'approval.not_found';
  readonly title = 'There is no such approval';
  readonly kind = 'not_found';
}

export class DelegationInvalid extends AppError {
  readonly code = 'delegation.invalid';
  readonly title = 'Nobody can stand in like that';
  readonly kind = 'invalid';
}

export class DelegationNotFound extends AppError {
  readonly code = 'delegation.not_found';
  readonly title = 'There is no such delegation';
  readonly kind = 'not_found';
}
