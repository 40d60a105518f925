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

/** None of its steps wrote anything. */
export class RunNothingToTakeBack extends AppError {
  readonly code = 'run.nothing_to_take_back';
  readonly title = 'The run wrote nothing';
  readonly kind = 'conflict';
}

/** A key in `overwrite` names no field that the run wrote. */
export class OverwriteUnknown extends AppError {
  readonly code = 'run.overwrite_unknown';
  readonly title = 'A field to overwrite is not one of the run’s';
  readonly kind = 'invalid';
}

/** A certificate tells of what has ended. */
export class RunNotFinished extends AppError {
  readonly code = 'run.not_finished';
  readonly title = 'The run goes on';
  readonly kind = 'conflict';
}

/** Somebody shall get a new password, but the run set none, so that there will be none. */
export class NoPasswordToHandOver extends AppError {
  readonly code = 'run.no_password_to_hand_over';
  readonly title = 'There will be no new password';
  readonly kind = 'invalid';
}
