import type { Json } from './json.js';
import type { FieldProblem, Problem } from './problem.js';

/** What kind of fault it is; each edge translates it once (HTTP: a status, an activity: retry or not). */
export type FaultKind =
  | 'invalid'
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'limited'
  | 'unavailable'
  | 'internal';

export interface AppErrorOptions {
  readonly cause?: unknown;
  readonly errors?: readonly FieldProblem[];
  /** Facts that help the reader; never secrets. */
  readonly context?: { readonly [key: string]: Json };
  /** Seconds after which another try makes sense (HTTP: `Retry-After`). */
  readonly retryAfterSeconds?: number;
}

/**
 * The base of every error that Stellwerk raises on purpose. A subclass fixes `code` (stable, dotted, never reused),
 * `title` (one short sentence in English), `kind` and `retryable` (whether the same call may succeed later without a change).
 * The message says what to do next.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly title: string;
  abstract readonly kind: FaultKind;
  readonly retryable: boolean = false;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly context: { readonly [key: string]: Json } | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.errors = options.errors;
    this.context = options.context;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** This error as a problem object, without a status (that belongs to the HTTP edge). */
  toProblem(): Problem {
    return {
      type: `urn:stellwerk:problem:${this.code}`,
      title: this.title,
      code: this.code,
      detail: this.message,
      ...(this.errors ? { errors: this.errors } : {}),
      ...(this.context ? { context: this.context } : {}),
    };
  }
}
