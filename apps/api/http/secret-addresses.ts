import type { FastifyRequest } from 'fastify';

/** The one address that is a secret itself: whoever has it can collect a password. */
export const HAND_OVER_ADDRESS = '/hand-over/:token';

// as long as a token, whatever stands around it: a mistyped address may hold one too
const TOKEN_LIKE = /[A-Za-z0-9_-]{43,}/g;

/** The path as the log may hold it: without query and without a token. */
export function loggedPath({ url, routeOptions }: Pick<FastifyRequest, 'url' | 'routeOptions'>): string {
  if (routeOptions.url === HAND_OVER_ADDRESS) return HAND_OVER_ADDRESS;
  return url.split('?', 1)[0]!.replace(TOKEN_LIKE, ':token');
}
