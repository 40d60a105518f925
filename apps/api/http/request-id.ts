import type { IncomingMessage } from 'node:http';
import { newId } from '#libs/kernel';

const FORM = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/** The caller's `x-request-id` where it is harmless in a log, else one of ours. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && FORM.test(given) ? given : newId();
}
