import { AppError } from '#libs/kernel';

export class RequesterCannotConfirm extends AppError {
  readonly code = 'confirmation.requester_cannot_confirm';
  readonly title = 'Whoever requested it cannot confirm it';
  readonly kind = 'forbidden';
}

export class LeaverCannotConfirm extends AppError {
  readonly code = 'confirmation.leaver_cannot_confirm';
  readonly title = 'Whom it is about cannot confirm it';
  readonly kind = 'forbidden';
}

export class DeciderCannotConfirm extends AppError {
  readonly code = 'confirmation.decider_cannot_confirm';
  readonly title = 'Whoever approved it cannot confirm it';
  readonly kind = 'forbidden';
}

/** Nothing in the plan needs a second person, or one has confirmed it. */
export class ConfirmationNotNeeded extends AppError {
  readonly code = 'confirmation.not_needed';
  readonly title = 'The plan needs no confirmation';
  readonly kind = 'conflict';
}

export class ConfirmerCannotDecide extends AppError {
  readonly code = 'approval.confirmer_cannot_decide';
  readonly title = 'Whoever confirmed it cannot approve it';
  readonly kind = 'forbidden';
}

/** The customer's rule for this account: processes may not touch it. */
export class AccountProtected extends AppError {
  readonly code = 'request.account_protected';
  readonly title = 'The account is protected';
  readonly kind = 'conflict';
}

export class ProtectedAccountNotFound extends AppError {
  readonly code = 'protected_account.not_found';
  readonly title = 'There is no such protected account';
  readonly kind = 'not_found';
}

export class ConfidentialUntilPast extends AppError {
  readonly code = 'request.confidential_until_past';
  readonly title = 'The end of the confidentiality is in the past';
  readonly kind = 'invalid';
}

export class ConfidentialUntilTooFar extends AppError {
  readonly code = 'request.confidential_until_too_far';
  readonly title = 'The end of the confidentiality is too far ahead';
  readonly kind = 'invalid';
}
