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

export class ExportNotFound extends AppError {
  readonly code = 'tenant_export.not_found';
  readonly title = 'There is no such export';
  readonly kind = 'not_found';
}

export class ExportRecipientInvalid extends AppError {
  readonly code = 'tenant_export.recipient_invalid';
  readonly title = 'The export cannot be encrypted to this';
  readonly kind = 'invalid';
}

/** It is being built, was not released by both sides, or its time is over. */
export class ExportNotAvailable extends AppError {
  readonly code = 'tenant_export.not_available';
  readonly title = 'The export cannot be had now';
  readonly kind = 'conflict';
}

/** Whoever releases for the customer was made its administrator after the export was asked for. */
export class ExportReleaseRefused extends AppError {
  readonly code = 'tenant_export.release_refused';
  readonly title = 'Somebody else has to release the export';
  readonly kind = 'forbidden';
}

/** The release names another hash than the export's. */
export class ExportHashMismatch extends AppError {
  readonly code = 'tenant_export.hash_mismatch';
  readonly title = 'The release is for another export';
  readonly kind = 'conflict';
}
