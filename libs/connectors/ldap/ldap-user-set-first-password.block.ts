import type { EffectNote, FieldChange } from '#libs/kernel';
import { applyFields, effectOf, verifyFields } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { newUserProperties, planUser, type MaybeNewUser } from './ldap-new-user.js';
import {
  givePassword,
  observedPassword,
  PASSWORD,
  PASSWORD_VALUES,
  passwordProofSchema,
  provePassword,
} from './ldap-password.js';
import { policyOf } from './ldap-policy.js';
import { requireById, userChange } from './ldap-user.js';
import { userSchema } from './ldap-user-fields.js';

const IRREVERSIBLE = 'A password cannot be read and so not be taken back. Disable or delete the account instead.';

/** Gives a new colleague a first password that has to be changed at the first sign-in. The account stays as closed as it is. */
export const ldapUserSetFirstPassword = directoryBlock<MaybeNewUser>({
  name: 'ldap.user.set-first-password',
  title: { en: 'Set the first password', de: 'Erstes Kennwort setzen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    properties: { user: userSchema, ...newUserProperties },
  },
  outputSchema: passwordProofSchema,
  credentials: [
    'read users, their identity attribute, the time of their password’s change and the password policy',
    'write passwords and the mark that they have to be changed',
  ],
  repeatIsHarmless: 'The password is sealed before it is written: a repeat writes the same one again.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const { user, identity } = await planUser(context, directory, input);
      const { dialect } = directory;
      const mark = { before: dialect.mustChangeState(user), after: true };
      const changes = [userChange(user, PASSWORD, PASSWORD_VALUES), userChange(user, dialect.mustChangeField, mark)];
      return effectOf(identity, changes, { irreversible: IRREVERSIBLE, notes: await markNotes(directory, user) });
    }),
  apply: (context, { user: login }, effect) =>
    withDirectory(context, async (directory) => {
      const { dialect } = directory;
      const receipt = await givePassword(context, directory, login, effect);
      // After the password: a directory sets or clears the mark when a password is written.
      await applyFields(context, effect.changes.filter(isMark), {
        read: async () => dialect.mustChangeState(await requireById(directory, effect)),
        write: async ({ after }) => {
          const user = await requireById(directory, effect);
          return directory.modify(dialect.addressOf(user), dialect.mustChangeChanges(user, after === true));
        },
      });
      if (!receipt) return receipt;
      const written = await requireById(directory, effect);
      return { ...receipt, passwordChangedAt: dialect.passwordChangedAt(written) };
    }),
  verify: (context, _input, effect, receipt) =>
    withDirectory(context, async (directory) => {
      const proof = await provePassword(context, directory, effect, receipt);
      const user = await requireById(directory, effect);
      const marks = await verifyFields(effect.changes.filter(isMark), () =>
        Promise.resolve(directory.dialect.mustChangeState(user)),
      );
      const passwords = effect.changes.filter((change) => !isMark(change));
      const observed = [...passwords.map((change) => observedPassword(change, proof.proven)), ...marks.observed];
      return { proven: proof.proven && marks.proven, evidence: proof.evidence, observed };
    }),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});

function isMark({ field }: FieldChange): boolean {
  return field !== PASSWORD;
}

/** OpenLDAP takes the mark also where the user's policy does not heed it: whoever approves should know. */
async function markNotes(directory: DirectorySession, user: LdapEntry): Promise<readonly EffectNote[]> {
  const { mustChangeSwitch } = directory.dialect;
  if (mustChangeSwitch === null) return [];
  const policy = await policyOf(directory, user, [mustChangeSwitch]);
  if (policy?.first(mustChangeSwitch) === 'TRUE') return [];
  const text = policy
    ? `The password policy ${policy.dn} does not ask for a change of the first password: ${mustChangeSwitch} is not TRUE there.`
    : 'Whether the first password has to be changed is not known: no password policy is configured for the system.';
  return [{ code: policy ? 'directory.must_change_without_effect' : 'directory.must_change_effect_unknown', text }];
}
