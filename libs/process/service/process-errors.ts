import { AppError } from '#libs/kernel';

/** What was written could not be read back as written: the step does not count. */
export class NotProven extends AppError {
  readonly code = 'process.not_proven';
  readonly title = 'A change could not be read back';
  readonly kind = 'conflict';
}

/** A plan names a building block that this version does not have. */
export class BlockUnknown extends AppError {
  readonly code = 'process.block_unknown';
  readonly title = 'A building block is not known';
  readonly kind = 'internal';
}

/** The customer has no such system configured. */
export class SystemNotConfigured extends AppError {
  readonly code = 'process.system_not_configured';
  readonly title = 'A system is not configured for this customer';
  readonly kind = 'invalid';
}

/** A defect on our side while a step was under way. */
export class StepCrashed extends AppError {
  readonly code = 'process.step_crashed';
  readonly title = 'A step ended with an unexpected error';
  readonly kind = 'internal';
}

/** The workflow behind a run is closed or gone in the engine. */
export class EngineLost extends AppError {
  readonly code = 'process.engine_lost';
  readonly title = 'The run was lost in the engine';
  readonly kind = 'internal';
}

/** Two tries of one step met; the later one looks again. */
export class StepRaced extends AppError {
  readonly code = 'process.step_raced';
  readonly title = 'A step was begun twice';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** A run that wrote nothing cannot be reinstated. */
export class NothingToTakeBack extends AppError {
  readonly code = 'process.nothing_to_take_back';
  readonly title = 'The run wrote nothing that could be taken back';
  readonly kind = 'conflict';
}
