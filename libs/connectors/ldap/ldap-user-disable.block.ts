import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory } from './ldap-connection.js';
import { lockNotes, signIn } from './ldap-sign-in.js';
import { identityOf, locateUser, userChange } from './ldap-user.js';
import { applyUserFields, readBackSchema, undoUserFields, userSchema, verifyUserFields } from './ldap-user-fields.js';

type DisableInput = { readonly user: string };

/** Keeps a user from signing in; the undo lets them in again. */
export const ldapUserDisable = directoryBlock<DisableInput>({
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
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, signIn),
  verify: (context, _input, effect) => verifyUserFields(context, effect, signIn),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, signIn),
});
