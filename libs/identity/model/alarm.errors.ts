import { AppError } from '#libs/kernel';

export class AlarmNotFound extends AppError {
  readonly code = 'alarm.not_found';
  readonly title = 'There is no such alarm';
  readonly kind = 'not_found';
}

/** Whoever set an alarm off must not be who switches it off. */
export class AlarmOfOwn extends AppError {
  readonly code = 'alarm.own';
  readonly title = 'Nobody acknowledges an alarm that they set off';
  readonly kind = 'forbidden';
}
