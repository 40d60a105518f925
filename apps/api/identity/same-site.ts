import type { FastifyRequest } from 'fastify';
import { isTemporalUiCall } from '../temporal-codec/temporal-ui-calls.js';
import { CrossSiteRefused } from './session.errors.js';

/** Pages of ours send it with every change; another site's page cannot without asking us first, which nobody answers. */
export const CSRF_HEADER = 'stellwerk-csrf';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Makes sure that a change which comes with a cookie comes from our own pages: the browser says so (`Sec-Fetch-Site`, or
 * `Origin` where it is too old for that), and the header is there. Throws `CrossSiteRefused`.
 */
export function requireSameSite(request: Pick<FastifyRequest, 'method' | 'headers'>, publicUrl: string): void {
  const { method, headers } = request;
  // that one changes nothing, and its browser asked us first
  if (READING.has(method) || isTemporalUiCall(request)) return;
  const site = headers['sec-fetch-site'];
  const isOurs = site === undefined ? isOwnOrigin(headers.origin, headers.host, publicUrl) : site === 'same-origin';
  if (isOurs && headers[CSRF_HEADER] !== undefined) return;
  throw new CrossSiteRefused('Send the header Stellwerk-Csrf from a page of this host, or use a key.');
}

/** Whether it is the address that people use, or the one that was called: a cookie is only ever sent to a host it is of. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, publicUrl: string): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}
