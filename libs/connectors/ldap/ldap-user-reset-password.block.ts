import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory } from './ldap-connection.js';
import {
  givePassword,
  observedPassword,
  PASSWORD,
  PASSWORD_VALUES,
  passwordProofSchema,
  provePassword,
} from './ldap-password.js';
import { identityOf, locateUser, userChange } from './ldap-user.js';
import { userSchema } from './ldap-user-fields.js';

type ResetInput = { readonly user: string };

const IRREVERSIBLE = 'The old password cannot be read, so it cannot be brought back. The user needs a new one.';

/** Gives a user a new random password, known to nobody but the sealed store. The lock of a locked account stays. */
export const ldapUserResetPassword = directoryBlock<ResetInput>({
  name: 'ldap.user.reset-password',
  title: { en: 'Reset password', de: 'Kennwort zurücksetzen' },
  kind: 'ldap',
  renewable: true,
  inputSchema: { type: 'object', additionalProperties: false, required: ['user'], properties: { user: userSchema } },
  outputSchema: passwordProofSchema,
  credentials: ['read users, their identity attribute and the time of their password’s change', 'write passwords'],
  repeatIsHarmless: 'The new password is sealed before it is written: a repeat writes the same one again.',
  plan: (context, { user: login }) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, login, context.expectedIdentity);
      const changes = [userChange(user, PASSWORD, PASSWORD_VALUES)];
      return effectOf(identityOf(directory, user), changes, { irreversible: IRREVERSIBLE });
    }),
  apply: (context, { user }, effect) =>
    withDirectory(context, (directory) => givePassword(context, directory, user, effect)),
  verify: (context, _input, effect, receipt) =>
    withDirectory(context, async (directory) => {
      const proof = await provePassword(context, directory, effect, receipt);
      return { ...proof, observed: effect.changes.map((change) => observedPassword(change, proof.proven)) };
    }),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});
