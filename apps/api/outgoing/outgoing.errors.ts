import { AppError } from '#libs/kernel';

export class HostKeyNotFound extends AppError {
  readonly code = 'host_key.not_found';
  readonly title = 'There is no such key';
  readonly kind = 'not_found';
}
