import { AppError } from '#libs/kernel';

export class SecretNotFound extends AppError {
  readonly code = 'secret.not_found';
  readonly title = 'There is no such secret';
  readonly kind = 'not_found';
}
