import type { AppError, FaultKind } from '#libs/kernel';
import { AddressTooLong, MethodNotAllowed } from './http.errors.js';

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

/** The HTTP status that an error is answered with. */
export function statusOf(error: AppError): number {
  if (error instanceof MethodNotAllowed) return 405;
  return error instanceof AddressTooLong ? 414 : STATUS[error.kind];
}
