import { AppError } from '#libs/kernel';

/** PostgreSQL does not answer or is starting up; nothing was committed. */
export class DatabaseUnavailable extends AppError {
  readonly code = 'database.unavailable';
  readonly title = 'The database does not answer';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

// Class 08: connection, 57P: shutdown and start-up, 53: resources (PostgreSQL manual, appendix A)
const UNAVAILABLE = /^(08|57P0|53)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);
const POOL = /timeout exceeded when trying to connect|Connection terminated|connection is closed|Client has encountered a connection error/i;

/** Whether an error means that PostgreSQL could not be asked, as opposed to: it refused. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (UNAVAILABLE.test(code) || NETWORK.has(code))) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return POOL.test(error.message);
}

/** Whether a unique key refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '23505';
}
