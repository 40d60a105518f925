import { AppError } from '#libs/kernel';

/** Something that is under way, or a legal hold, still needs the person's data. */
export class PersonStillNeeded extends AppError {
  readonly code = 'privacy.person_still_needed';
  readonly title = 'The person’s data are still needed';
  readonly kind = 'conflict';
}

export class PersonNamesInvalid extends AppError {
  readonly code = 'privacy.names_invalid';
  readonly title = 'The person cannot be looked for by these names';
  readonly kind = 'invalid';
}

export class LegalHoldNotFound extends AppError {
  readonly code = 'privacy.legal_hold_not_found';
  readonly title = 'There is no such legal hold';
  readonly kind = 'not_found';
}
