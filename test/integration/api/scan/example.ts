import type { Permission, Role } from '#libs/platform/access';
import type { Things } from './things.js';

/** A call of a route, without key, tenant header and idempotency key: those the scan adds. */
export interface ExampleCall {
  /** Values of the parameters in the address. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is; `headers` then names its type. */
  readonly raw?: string;
}

/** Makes what the call is about in the tenant of `things`, anew each time, so that the call succeeds there. */
export type MakeCall = (things: Things) => ExampleCall | Promise<ExampleCall>;

/** A call with more to say about it. */
export interface DetailedExample {
  /** Tells an operation's examples apart. */
  readonly what?: string;
  /** What this very call needs besides the route's permission. */
  readonly needs?: Permission;
  /** Roles that the table lets in and a rule of its own refuses, with the code that they get instead. */
  readonly refused?: Readonly<Partial<Record<`${'msp' | 'customer'}:${Role}`, string>>>;
  readonly make: MakeCall;
}

/** By the operation's id in the API's description. */
export type RouteExamples = Readonly<Record<string, MakeCall | readonly DetailedExample[]>>;

/** An operation's examples in full. Throws when there is none, with what to do. */
export function examplesOf(operationId: string, examples: RouteExamples): readonly DetailedExample[] {
  const found = examples[operationId];
  if (!found) throw new Error(`${operationId} has no example. Add one in test/integration/api/scan/examples/.`);
  return typeof found === 'function' ? [{ make: found }] : found;
}
