import { AppError } from '#libs/kernel';

/** PostgreSQL does not answer or is starting up; nothing was committed. */
export class DatabaseUnavailable extends AppError {
  readonly code = 'database.unavailable';
  readonly title = 'The database does not answer';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

// Class 08: connection, 57P: shutdown and start-up, 57014: over the time limit, 53: resources, 40: a deadlock or a
// conflict that the same call does not meet again (PostgreSQL manual, appendix A)
const UNAVAILABLE = /^(08|57P0|57014|53|40001|40P01)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);
const POOL =
  /timeout exceeded when trying to connect|Connection terminated|connection is closed|Client has encountered a connection error/i;

/** Whether an error means that PostgreSQL could not be asked, as opposed to: it refused. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  const { code, errors, message } = fieldsOf(error);
  if (typeof code === 'string' && (UNAVAILABLE.test(code) || NETWORK.has(code))) return true;
  // several addresses were tried
  if (Array.isArray(errors)) return errors.some(isDatabaseUnavailable);
  return typeof message === 'string' && POOL.test(message);
}

/** Whether a unique key refused a row: this one, or without a name any. */
export function isUniqueViolation(error: unknown, name?: string): boolean {
  const { code, constraint } = fieldsOf(error);
  return code === '23505' && (name === undefined || constraint === name);
}

/** Read without `instanceof Error`: an error of Node's own network code has another `Error` where modules run in a VM (Jest). */
function fieldsOf(error: unknown): { code?: unknown; constraint?: unknown; errors?: unknown; message?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}
