import { AppError } from '#libs/kernel';

/** Days outside of what an outcome allows. */
export class RetentionOutOfBounds extends AppError {
  readonly code = 'retention.out_of_bounds';
  readonly title = 'Ended requests may not be kept so short or so long';
  readonly kind = 'invalid';
}
