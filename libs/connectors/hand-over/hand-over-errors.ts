import { AppError } from '#libs/kernel';

/** The step that should have drawn the password has sealed none in this run. */
export class NothingToHandOver extends AppError {
  readonly code = 'hand_over.nothing_sealed';
  readonly title = 'There is no password to hand over';
  readonly kind = 'conflict';
}
