import type { AppError, FaultKind } from '#libs/kernel';
import { AddressTooLong, MethodNotAllowed, RequestHeadTooLarge, RequestTooSlow } from './http.errors.js';

const STATUS: Readonly<Record<FaultKind, number>> = {
  invalid: 422,
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  limited: 429,
  unavailable: 503,
  internal: 500,
};

/** Problems that HTTP has a status of its own for. */
const OWN_STATUS = [
  [MethodNotAllowed, 405],
  [RequestTooSlow, 408],
  [AddressTooLong, 414],
  [RequestHeadTooLarge, 431],
] as const;

/** The HTTP status that an error is answered with. */
export function statusOf(error: AppError): number {
  const own = OWN_STATUS.find(([Class]) => error instanceof Class);
  return own ? own[1] : STATUS[error.kind];
}
