import { AppError } from '#libs/kernel';

export class KeyMissing extends AppError {
  readonly code = 'auth.key_missing';
  readonly title = 'A key is missing';
  readonly kind = 'unauthenticated';
}

export class KeyInvalid extends AppError {
  readonly code = 'auth.key_invalid';
  readonly title = 'The key is not valid';
  readonly kind = 'unauthenticated';
}

export class TenantHeaderMissing extends AppError {
  readonly code = 'tenant.header_missing';
  readonly title = 'The header Stellwerk-Tenant is missing';
  readonly kind = 'malformed';
}

/** There is no such tenant, or the caller does not see it: both look the same from outside. */
export class TenantNotFound extends AppError {
  readonly code = 'tenant.not_found';
  readonly title = 'There is no such tenant';
  readonly kind = 'not_found';
}

/** A customer's people and keys stay out while it is suspended. */
export class TenantSuspended extends AppError {
  readonly code = 'tenant.suspended';
  readonly title = 'This customer is suspended';
  readonly kind = 'forbidden';
}
