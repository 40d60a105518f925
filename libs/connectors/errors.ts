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

/** A system's TLS certificate is not trusted, or no TLS could be agreed. A person must mend it; until then the run waits. */
export class TlsRefused extends AppError {
  readonly code = 'connector.tls_refused';
  readonly title = 'A system’s TLS connection is not to be trusted';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** What is configured for a system is not what its kind needs. */
export class SystemConfigInvalid extends AppError {
  readonly code = 'connector.config_invalid';
  readonly title = 'A system is not configured correctly';
  readonly kind = 'invalid';
}

/** The input of a building block does not match its schema. */
export class BlockInputInvalid extends AppError {
  readonly code = 'block.input_invalid';
  readonly title = 'The input of a building block is not valid';
  readonly kind = 'invalid';
}
