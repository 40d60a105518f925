import { AppError } from '#libs/kernel';

export class ErasureNotFound extends AppError {
  readonly code = 'tenant_erasure.not_found';
  readonly title = 'There is no such erasure';
  readonly kind = 'not_found';
}
