import { AppError } from '#libs/kernel';

/** The system answers that it cannot now (408, 425, 429, 5xx). */
export class HttpTemporarilyRefused extends AppError {
  readonly code = 'http.temporarily_refused';
  readonly title = 'A system does not take a call now';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The system answered with a status that was not expected; `context.status` tells which. */
export class HttpUnexpectedStatus extends AppError {
  readonly code = 'http.unexpected_status';
  readonly title = 'A system answered a call with an unexpected status';
  readonly kind = 'conflict';
}

/** The answer is larger than what is read of an answer. */
export class HttpAnswerTooLarge extends AppError {
  readonly code = 'http.answer_too_large';
  readonly title = 'A system’s answer is too large';
  readonly kind = 'too_large';
}

/** Calls may not go there. */
export class HttpOriginRefused extends AppError {
  readonly code = 'http.origin_refused';
  readonly title = 'A call may not go to this address';
  readonly kind = 'invalid';
}

/** A header that cannot be sent; its value is not repeated, it may hold a secret. */
export class HttpHeaderRefused extends AppError {
  readonly code = 'http.header_refused';
  readonly title = 'A header of a call cannot be sent';
  readonly kind = 'invalid';
}
