/**
 * The identity of somebody who gets an entry only in the course of the run: the approval binds to "the user with this name
 * that the run creates". Once there is an entry, a plan gives its real identity, and so does the before-image.
 */
const PREFIX = 'new:';

export const newUserId = (login: string): string => `${PREFIX}${login}`;

/** The user name behind such an identity; null for the identity of an entry. */
export function newUserOf(identity: string): string | null {
  return identity.startsWith(PREFIX) ? identity.slice(PREFIX.length) : null;
}
