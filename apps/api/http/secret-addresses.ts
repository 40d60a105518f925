import type { FastifyRequest } from 'fastify';

/** Addresses that are secrets themselves: whoever has one can collect a password, do what the link in a mail is for, or see shifts. */
export const HAND_OVER_ADDRESS = '/hand-over/:token';
export const MAILED_LINK_ADDRESS = '/links/:purpose/:token';
export const CALENDAR_ADDRESS = '/calendars/:token';

const SECRET_ADDRESSES: readonly (string | undefined)[] = [HAND_OVER_ADDRESS, MAILED_LINK_ADDRESS, CALENDAR_ADDRESS];

// as long as a token, whatever stands around it: a mistyped address may hold one too
const TOKEN_LIKE = /[A-Za-z0-9_-]{43,}/g;

/** The path as the log may hold it: without query and without a token. */
export function loggedPath({ url, routeOptions }: Pick<FastifyRequest, 'url' | 'routeOptions'>): string {
  if (SECRET_ADDRESSES.includes(routeOptions.url)) return routeOptions.url!;
  return url.split('?', 1)[0]!.replace(TOKEN_LIKE, ':token');
}
