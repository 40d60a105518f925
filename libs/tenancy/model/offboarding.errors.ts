import { AppError } from '#libs/kernel';

export class OffboardingNotFound extends AppError {
  readonly code = 'offboarding.not_found';
  readonly title = 'This customer is not being off-boarded';
  readonly kind = 'not_found';
}

/** It has come too far for this, or not far enough. */
export class OffboardingStateWrong extends AppError {
  readonly code = 'offboarding.state_wrong';
  readonly title = 'The off-boarding’s state does not allow this';
  readonly kind = 'conflict';
}

/** Whoever asked for it cannot be the second owner as well. */
export class SecondOwnerNeeded extends AppError {
  readonly code = 'offboarding.second_owner_needed';
  readonly title = 'Another owner has to do this';
  readonly kind = 'conflict';
}

export class OffboardingInvalid extends AppError {
  readonly code = 'offboarding.invalid';
  readonly title = 'The customer cannot be off-boarded like this';
  readonly kind = 'invalid';
}

/** Another owner's asking never takes the place of the first one's. */
export class ErasureAskedAlready extends AppError {
  readonly code = 'offboarding.erasure_asked_already';
  readonly title = 'The erasure was asked for already';
  readonly kind = 'conflict';
}

/** A legal hold forbids that anything of the customer is erased. */
export class ErasureHeld extends AppError {
  readonly code = 'offboarding.erasure_held';
  readonly title = 'A legal hold forbids the erasure';
  readonly kind = 'conflict';
}

export class AccessEntryNotFound extends AppError {
  readonly code = 'offboarding.access_not_found';
  readonly title = 'The access list has no such entry';
  readonly kind = 'not_found';
}
