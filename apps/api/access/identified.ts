import type { FastifyRequest } from 'fastify';

/** Who a call turned out to come from, whether or not it was let in. */
export interface Identified {
  readonly subject: string;
  readonly home: string;
  readonly origin?: string | null;
}

/** Who asked for what, also when the answer was no. */
export interface Attempt extends Identified {
  /** What the route asks for. */
  readonly permission: string;
}

const attempts = new WeakMap<FastifyRequest, Attempt>();
const holders = new WeakMap<Error, Identified>();

export function rememberAttempt(request: FastifyRequest, attempt: Attempt): void {
  attempts.set(request, attempt);
}

/** Marks the refusal of a credential with whose it is; that never reaches the answer. */
export function ofHolder<E extends Error>(refusal: E, holder: Identified): E {
  holders.set(refusal, holder);
  return refusal;
}

/** Who was refused; undefined when nobody knows. */
export function attemptOf(request: FastifyRequest, refusal: Error): Attempt | undefined {
  const holder = holders.get(refusal);
  return attempts.get(request) ?? (holder ? { ...holder, permission: 'sign_in' } : undefined);
}
