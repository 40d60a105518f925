import type { Json } from './json.js';

/** One field that was refused, with a JSON-pointer-like path into the body (`notify.mail.0`). */
export interface FieldProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/**
 * A problem as RFC 9457 describes it, with our stable `code`. The same object answers an HTTP call and stands in a
 * request or step when the fault is found later. `type` is `urn:stellwerk:problem:<code>`.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly status?: number;
  readonly errors?: readonly FieldProblem[];
  readonly context?: { readonly [key: string]: Json };
}
