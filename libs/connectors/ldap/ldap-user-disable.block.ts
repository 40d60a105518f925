import type { EffectNote } from '#libs/kernel';
import { defineBlock } from '../block.js';
import { effectOf } from '../field-changes.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { LockWithoutEffect } from './ldap-errors.js';
import { identityOf, locateUser, userChange } from './ldap-user.js';
import {
  applyUserFields,
  readBackSchema,
  undoUserFields,
  userSchema,
  verifyUserFields,
  type UserFields,
} from './ldap-user-fields.js';

type DisableInput = { readonly user: string };

const lock: UserFields = {
  attributes: () => [],
  read: ({ dialect }, user) => dialect.disabledState(user),
  write: (directory, user, { after }) => {
    const { dialect } = directory;
    return directory.modify(dialect.addressOf(user), dialect.disabledChanges(user, after));
  },
};

/** Keeps a user from signing in; the undo lets them in again. */
export const ldapUserDisable = defineBlock<DisableInput>({
  name: 'ldap.user.disable',
  title: { en: 'Disable sign-in', de: 'Anmeldung sperren' },
  kind: 'ldap',
  inputSchema: { type: 'object', additionalProperties: false, required: ['user'], properties: { user: userSchema } },
  outputSchema: readBackSchema,
  credentials: [
    'read users, their identity attribute and the password policy',
    'write the attribute that locks a user',
  ],
  repeatIsHarmless: 'The lock is set over the state that was read and only if it is not set yet.',
  plan: (context, { user: login }) =>
    withDirectory(context, async (directory) => {
      const { dialect } = directory;
      const user = await locateUser(directory, login, context.expectedIdentity);
      const values = { before: dialect.disabledState(user), after: dialect.disabledValue };
      const changes = [userChange(user, dialect.disabledField, values)];
      return effectOf(identityOf(directory, user), changes, { notes: await lockNotes(directory, user) });
    }),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, lock),
  verify: (context, _input, effect) => verifyUserFields(context, effect, lock),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, lock),
});

/** OpenLDAP takes a lock also where the user's policy does not enforce it: that must be known before, not after. */
async function lockNotes(directory: DirectorySession, user: LdapEntry): Promise<readonly EffectNote[]> {
  const { lockPolicy } = directory.dialect;
  if (lockPolicy === null) return [];
  const policyDn = user.first(lockPolicy.nameAttribute) ?? directory.config.passwordPolicyDn;
  const attributes = [lockPolicy.switchAttribute];
  const [policy] = policyDn === null ? [] : await directory.search({ base: policyDn, scope: 'base', attributes });
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
