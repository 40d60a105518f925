import { AppError } from '#libs/kernel';

export class DeadLetterNotFound extends AppError {
  readonly code = 'dead_letter.not_found';
  readonly title = 'There is no such dead letter';
  readonly kind = 'not_found';
}

export class DeadLetterAlreadyReplayed extends AppError {
  readonly code = 'dead_letter.already_replayed';
  readonly title = 'The dead letter was replayed already';
  readonly kind = 'conflict';
}
