import { AppError } from '#libs/kernel';

/** The system could not be reached, timed out or is busy: the run waits and tries again. */
export class SystemUnreachable extends AppError {
  readonly code = 'connector.system_unreachable';
  readonly title = 'A system cannot be reached';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The system refused our credential. A person must mend it; until then the run waits. */
export class CredentialRefused extends AppError {
  readonly code = 'connector.credential_refused';
  readonly title = 'A system refused our credential';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** Somebody changed a field between our reading and our writing; nothing was overwritten. */
export class DriftDuringApply extends AppError {
  readonly code = 'connector.drift_during_apply';
  readonly title = 'A value changed while it was being written';
  readonly kind = 'conflict';
}

/** The object that was approved is gone, or its name now belongs to another object. */
export class IdentityDrift extends AppError {
  readonly code = 'connector.identity_drift';
  readonly title = 'The approved object is gone or another object has its name';
  readonly kind = 'conflict';
}
