import { AppError } from '#libs/kernel';

export class ApiKeyNotFound extends AppError {
  readonly code = 'api_key.not_found';
  readonly title = 'There is no such API key';
  readonly kind = 'not_found';
}

/** It was revoked, has expired, or another took its place. */
export class ApiKeyEnded extends AppError {
  readonly code = 'api_key.ended';
  readonly title = 'The API key has ended';
  readonly kind = 'conflict';
}

/** Nobody hands out more than they have. */
export class ApiKeyTooPowerful extends AppError {
  readonly code = 'api_key.too_powerful';
  readonly title = 'The API key would do more than you may';
  readonly kind = 'forbidden';
}

/** The off-boarding of whoever the key is for is open and would not close it. */
export class ApiKeyOfLeaver extends AppError {
  readonly code = 'api_key.of_leaver';
  readonly title = 'The API key is for somebody who is leaving';
  readonly kind = 'conflict';
}
