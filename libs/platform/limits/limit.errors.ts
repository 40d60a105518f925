import { AppError } from '#libs/kernel';

/** A key, person, tenant or address called too often. */
export class RateExceeded extends AppError {
  readonly code = 'limits.rate_exceeded';
  readonly title = 'Too many calls';
  readonly kind = 'limited';
  override readonly retryable = true;
}

/** A key or tenant has too many calls under way at once. */
export class ConcurrencyExceeded extends AppError {
  readonly code = 'limits.concurrency_exceeded';
  readonly title = 'Too many calls under way';
  readonly kind = 'limited';
  override readonly retryable = true;
}

/** Somebody tries to sign in after failures; the pause grows with each. */
export class SignInTooOften extends AppError {
  readonly code = 'limits.sign_in_delayed';
  readonly title = 'Too many failed attempts to sign in';
  readonly kind = 'limited';
  override readonly retryable = true;
}

/** Limits that contradict each other or shut the tenant out. */
export class LimitsSenseless extends AppError {
  readonly code = 'limits.senseless';
  readonly title = 'These limits make no sense';
  readonly kind = 'invalid';
}
