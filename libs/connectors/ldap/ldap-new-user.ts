import type { Identity } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import type { DirectorySession } from './ldap-connection.js';
import { escapeDnValue } from './ldap-dn.js';
import { LdapEntry } from './ldap-entry.js';
import { UserNotFound } from './ldap-errors.js';
import { newUserId, newUserOf } from './ldap-new-user-identity.js';
import { unitSchema } from './ldap-person.js';
import { identityOf, locateUser } from './ldap-user.js';

/** Whom a step is about that may come before the entry is there. */
export type MaybeNewUser = {
  readonly user: string;
  /** The run creates the user before this step: no entry yet is no mistake while planning. */
  readonly expectsNewUser?: boolean;
  /** The unit in which the entry will be made; by default the people's. */
  readonly unit?: string;
};

/** The properties of `MaybeNewUser` besides the user name, for a block's schema. */
export const newUserProperties = { expectsNewUser: { type: 'boolean' }, unit: unitSchema } as const;

/** The user of a step: as they are, or as they will be once the run has created them. */
export interface PlannedUser {
  readonly user: LdapEntry;
  readonly identity: Identity;
}

/** The DN that a new user's entry gets: one rule for the step that makes it and for those that follow. */
export function newUserDn({ config, dialect }: DirectorySession, user: string, unit?: string): string {
  return `${dialect.person.namingAttribute}=${escapeDnValue(user)},${unit ?? config.peopleOu}`;
}

/**
 * Finds the user that a step is about, or pictures the entry that the run will have made by then: at its future DN, closed,
 * without anything else. Writing needs the real one. Throws what `locateUser` throws.
 */
export async function planUser(
  context: BlockContext,
  directory: DirectorySession,
  { user: login, expectsNewUser = false, unit }: MaybeNewUser,
  attributes: readonly string[] = [],
): Promise<PlannedUser> {
  const { expectedIdentity: expected } = context;
  try {
    const user = await locateUser(directory, login, expected, attributes);
    return { user, identity: identityOf(directory, user) };
  } catch (error) {
    const isAwaited = expectsNewUser && (expected === null || newUserOf(expected) !== null);
    if (!isAwaited || !(error instanceof UserNotFound)) throw error;
    const { dialect } = directory;
    const dn = newUserDn(directory, login, unit);
    const closed = dialect.person.accountAttributes(true);
    const user = new LdapEntry({ dn, ...mutable(closed) });
    return { user, identity: { id: newUserId(login), name: dn } };
  }
}

function mutable(attributes: { readonly [name: string]: readonly string[] }): Record<string, string[]> {
  return Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]]));
}
