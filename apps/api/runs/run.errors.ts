import { AppError } from '#libs/kernel';

export class RunNotFound extends AppError {
  readonly code = 'run.not_found';
  readonly title = 'There is no such run';
  readonly kind = 'not_found';
}

/** Only what has ended can be taken back as a whole. */
export class RunNotEnded extends AppError {
  readonly code = 'run.not_ended';
  readonly title = 'The run has not ended';
  readonly kind = 'conflict';
}

export class RunNotReinstatable extends AppError {
  readonly code = 'run.not_reinstatable';
  readonly title = 'This kind of run cannot be taken back';
  readonly kind = 'conflict';
}
