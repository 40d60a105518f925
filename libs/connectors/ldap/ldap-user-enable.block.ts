import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory } from './ldap-connection.js';
import { newUserProperties, planUser, type MaybeNewUser } from './ldap-new-user.js';
import { signIn } from './ldap-sign-in.js';
import { userChange } from './ldap-user.js';
import { applyUserFields, readBackSchema, undoUserFields, userSchema, verifyUserFields } from './ldap-user-fields.js';

/** Lets a user sign in, for example from the first hour on; the undo closes the account again. */
export const ldapUserEnable = directoryBlock<MaybeNewUser>({
  name: 'ldap.user.enable',
  title: { en: 'Enable sign-in', de: 'Anmeldung freigeben' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    properties: { user: userSchema, ...newUserProperties },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and their identity attribute', 'write the attribute that locks a user'],
  repeatIsHarmless: 'The lock is taken off over the state that was read and only if it is still set.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const { dialect } = directory;
      const { user, identity } = await planUser(context, directory, input);
      const values = { before: dialect.disabledState(user), after: dialect.enabledValue };
      return effectOf(identity, [userChange(user, dialect.disabledField, values)]);
    }),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, signIn),
  verify: (context, _input, effect) => verifyUserFields(context, effect, signIn),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, signIn),
});
