import { AppError } from '#libs/kernel';

/** A manual step was to be carried out by a worker: a defect of ours, since only a person can end it. */
export class ManualTaskNotAutomatic extends AppError {
  readonly code = 'manual.not_automatic';
  readonly title = 'A manual step cannot be carried out by a worker';
  readonly kind = 'internal';
}
