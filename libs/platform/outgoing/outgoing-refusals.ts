import { channel } from 'node:diagnostics_channel';
import type { Logger } from '../observability/index.js';
import type { Destination } from './outgoing-policy.js';

/** A connection that was refused, with the addresses that the host stood for: for our own log, and nobody else. */
interface Refusal extends Destination {
  readonly addresses: readonly string[];
  readonly code: unknown;
}

const refusals = channel('stellwerk.outgoing.refused');

/** Tells whoever listens of a refusal: those who get the error must not learn the addresses. */
export function tellRefusal(destination: Destination, addresses: readonly string[], error: unknown): void {
  if (!refusals.hasSubscribers) return;
  const { host, port, protocol } = destination;
  const { code } = error as { readonly code?: unknown };
  refusals.publish({ host, port, protocol, addresses: [...addresses], code } satisfies Refusal);
}

/** Writes refusals of this process to its log from now on. Gives what ends that. */
export function logRefusals(logger: Logger): () => void {
  const write = (refusal: unknown): void =>
    logger.warn({ outgoing: refusal as Refusal }, 'a connection to outside is refused');
  refusals.subscribe(write);
  return () => void refusals.unsubscribe(write);
}
