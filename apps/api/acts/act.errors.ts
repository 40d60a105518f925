import { AppError } from '#libs/kernel';

/** The run, request or step is not in a state in which this can be done. */
export class ActNotPossible extends AppError {
  readonly code = 'act.not_possible';
  readonly title = 'This cannot be done now';
  readonly kind = 'conflict';
}

export class ActStepUnknown extends AppError {
  readonly code = 'act.step_unknown';
  readonly title = 'The run has no such step';
  readonly kind = 'invalid';
}

export class ActTimeMissing extends AppError {
  readonly code = 'act.time_missing';
  readonly title = 'When shall it happen?';
  readonly kind = 'invalid';
}

/** Whom a request is about neither decides on it nor intervenes in it. */
export class LeaverCannotAct extends AppError {
  readonly code = 'act.leaver_cannot_act';
  readonly title = 'Whom it is about cannot intervene in it';
  readonly kind = 'forbidden';
}

/** Somebody at the MSP locks out on a customer's word, and says whose and how it was verified. */
export class VerifiedCallMissing extends AppError {
  readonly code = 'act.verified_call_missing';
  readonly title = 'Who asked for the lock-out, and how was that verified?';
  readonly kind = 'invalid';
}
