import type { EffectNote } from '#libs/kernel';
import type { DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { LockWithoutEffect } from './ldap-errors.js';
import { policyOf } from './ldap-policy.js';
import type { UserFields } from './ldap-user-fields.js';

/** Whether a user may sign in, as the field that the dialect keeps it in. */
export const signIn: UserFields = {
  attributes: () => [],
  read: ({ dialect }, user) => dialect.disabledState(user),
  write: (directory, user, { after }) => {
    const { dialect } = directory;
    return directory.modify(dialect.addressOf(user), dialect.disabledChanges(user, after));
  },
};

/**
 * OpenLDAP takes a lock also where the user's policy does not enforce it: that must be known before, not after. Throws
 * `LockWithoutEffect`.
 */
export async function lockNotes(directory: DirectorySession, user: LdapEntry): Promise<readonly EffectNote[]> {
  const { lockPolicy } = directory.dialect;
  if (lockPolicy === null) return [];
  const policy = await policyOf(directory, user, [lockPolicy.switchAttribute]);
  if (!policy) {
    const text =
      'Whether the directory enforces the lock is not known: no password policy is configured for the system.';
    return [{ code: 'directory.lock_effect_unknown', text }];
  }
  if (policy.first(lockPolicy.switchAttribute) === 'TRUE') return [];
  throw new LockWithoutEffect(
    `The password policy ${policy.dn} does not enforce locks: set ${lockPolicy.switchAttribute} to TRUE there.`,
    { context: { policy: policy.dn } },
  );
}
