import { AppError } from '#libs/kernel';

export class MalformedJson extends AppError {
  readonly code = 'http.malformed_json';
  readonly title = 'The body is no JSON';
  readonly kind = 'malformed';
}

export class InvalidUtf8 extends AppError {
  readonly code = 'http.invalid_utf8';
  readonly title = 'The body is no UTF-8';
  readonly kind = 'malformed';
}

/** `__proto__` and its like have no place in a request. */
export class PrototypeKey extends AppError {
  readonly code = 'http.prototype_key';
  readonly title = 'The body has a field whose name is not allowed';
  readonly kind = 'malformed';
}

export class BodyTooDeep extends AppError {
  readonly code = 'http.body_too_deep';
  readonly title = 'The body is nested too deep';
  readonly kind = 'malformed';
}

export class BodyTooLarge extends AppError {
  readonly code = 'http.body_too_large';
  readonly title = 'The body is too large';
  readonly kind = 'too_large';
}

export class AddressTooLong extends AppError {
  readonly code = 'http.address_too_long';
  readonly title = 'The address is too long';
  readonly kind = 'too_large';
}

/** The headers are longer than anything that is asked for here. */
export class RequestHeadTooLarge extends AppError {
  readonly code = 'http.head_too_large';
  readonly title = 'The headers are too long';
  readonly kind = 'too_large';
}

/** The request was not sent within its time. */
export class RequestTooSlow extends AppError {
  readonly code = 'http.too_slow';
  readonly title = 'The request took too long to arrive';
  readonly kind = 'malformed';
}

export class UnsupportedMediaType extends AppError {
  readonly code = 'http.unsupported_media_type';
  readonly title = 'The body’s content type is not taken';
  readonly kind = 'unsupported';
}

export class RouteNotFound extends AppError {
  readonly code = 'http.not_found';
  readonly title = 'There is nothing at this address';
  readonly kind = 'not_found';
}

/** The address exists, for other methods. */
export class MethodNotAllowed extends AppError {
  readonly code = 'http.method_not_allowed';
  readonly title = 'This address does not take this method';
  readonly kind = 'unsupported';

  constructor(
    message: string,
    readonly allowed: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The request is no HTTP, or its address cannot be read. */
export class MalformedRequest extends AppError {
  readonly code = 'http.malformed_request';
  readonly title = 'The request cannot be read';
  readonly kind = 'malformed';
}

export class InvalidId extends AppError {
  readonly code = 'http.invalid_id';
  readonly title = 'The id is no UUID';
  readonly kind = 'malformed';
}

export class InvalidQuery extends AppError {
  readonly code = 'http.invalid_query';
  readonly title = 'A query parameter is wrong';
  readonly kind = 'malformed';
}

export class InvalidCursor extends AppError {
  readonly code = 'http.invalid_cursor';
  readonly title = 'The cursor is not one of ours';
  readonly kind = 'malformed';
}

export class RequestInvalid extends AppError {
  readonly code = 'request.invalid';
  readonly title = 'Fields of the request are wrong';
  readonly kind = 'invalid';
}

export class IdempotencyKeyMissing extends AppError {
  readonly code = 'idempotency.key_missing';
  readonly title = 'The header Idempotency-Key is missing';
  readonly kind = 'malformed';
}

export class IdempotencyKeyInvalid extends AppError {
  readonly code = 'idempotency.key_invalid';
  readonly title = 'The header Idempotency-Key is wrong';
  readonly kind = 'malformed';
}

/** A defect on our side; the details are in our log, under the request's id. */
export class InternalFault extends AppError {
  readonly code = 'internal';
  readonly title = 'Something went wrong on our side';
  readonly kind = 'internal';
}
