import type { FastifyRequest } from 'fastify';

/** Browser features that no page of ours uses. */
const UNUSED = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'];

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of files that strangers wrote: whatever a browser makes of one, it runs nothing of it and it is of no origin. */
export const FILE_POLICY = `${NOTHING}; sandbox`;

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': UNUSED.map((feature) => `${feature}=()`).join(', '),
  'content-security-policy': NOTHING,
  'cache-control': 'no-store',
};

/** A browser then asks for this host by TLS only, for a year. It must not be sent without TLS (RFC 6797, 7.2). */
const TLS_ONLY = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/**
 * Headers of every answer: nothing of the API is to be shown in a frame, guessed at, or kept. `behindTls`: what we answer
 * reaches people by TLS.
 */
export function securityHeaders(behindTls: boolean): Readonly<Record<string, string>> {
  return behindTls ? { ...ALWAYS, ...TLS_ONLY } : ALWAYS;
}

/** The same, with the id that names the call in our log. */
export function commonHeaders({ id }: FastifyRequest, behindTls: boolean): Record<string, string> {
  return { 'x-request-id': id, ...securityHeaders(behindTls) };
}
