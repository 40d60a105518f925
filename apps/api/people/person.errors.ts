import { AppError } from '#libs/kernel';

export class PersonNotFound extends AppError {
  readonly code = 'person.not_found';
  readonly title = 'There is no such person';
  readonly kind = 'not_found';
}

export class GrantNotFound extends AppError {
  readonly code = 'grant.not_found';
  readonly title = 'There is no such grant';
  readonly kind = 'not_found';
}

/** A role comes from somebody else. */
export class OwnGrant extends AppError {
  readonly code = 'grant.own';
  readonly title = 'Nobody changes their own roles';
  readonly kind = 'forbidden';
}

/** Nobody hands out more than they have. */
export class GrantTooPowerful extends AppError {
  readonly code = 'grant.too_powerful';
  readonly title = 'The role would allow more than you may';
  readonly kind = 'forbidden';
}

/** The role comes with a group at the identity provider and goes with it. */
export class GrantByClaim extends AppError {
  readonly code = 'grant.by_claim';
  readonly title = 'The role comes from the identity provider';
  readonly kind = 'conflict';
}

/** Without an owner nobody could let anybody in again. */
export class LastOwner extends AppError {
  readonly code = 'grant.last_owner';
  readonly title = 'The last owner stays';
  readonly kind = 'conflict';
}

/** A run closed the account, and taking it back opens it; or a person did, for good. */
export class PersonClosed extends AppError {
  readonly code = 'person.closed';
  readonly title = 'The person’s account is closed';
  readonly kind = 'conflict';
}
