import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { escapeDnValue } from './ldap-dn.js';
import { DataAccessNotConfigured } from './ldap-errors.js';
import { joining, resolveGroups } from './ldap-group-selection.js';
import { grantProperties } from './ldap-mailbox.js';
import { applyMemberships, undoMemberships, verifyMemberships } from './ldap-membership.js';
import { isMemberOf } from './ldap-primary-group.js';
import { identityOf, locateUser } from './ldap-user.js';
import { readBackSchema, userSchema } from './ldap-user-fields.js';

type GrantInput = {
  /** Whose data it is. */
  readonly user: string;
  /** The user name of who gets to it. */
  readonly colleague: string;
  /** The groups that open it, by name or DN; by default those of the system's configuration. */
  readonly groups?: readonly string[];
};

/** Lets a colleague get to a user's data, through the groups that open it; the undo ends it. */
export const ldapUserGrantAccess = directoryBlock<GrantInput>({
  name: 'ldap.user.grant-access',
  title: { en: 'Grant access to the data', de: 'Zugriff auf die Daten gewähren' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user', 'colleague'],
    properties: {
      user: userSchema,
      colleague: userSchema,
      groups: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', minLength: 1 } },
      ...grantProperties,
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and groups', 'write the members of groups'],
  repeatIsHarmless: 'A colleague who is in a group already is not added again.',
  // The approval binds to the colleague: it is their entry that gets something, and the user's may be gone by then.
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const { colleague } = input;
      const entry = await locateUser(directory, colleague, context.expectedIdentity);
      const groups = await resolveGroups(directory, input.groups ?? groupsThatOpen(directory, input.user));
      const changes = [...groups.values()].map((group) => joining(group, colleague, isMemberOf(group, entry)));
      return effectOf(identityOf(directory, entry), changes);
    }),
  apply: (context, { colleague }, effect) => applyMemberships(context, colleague, effect),
  verify: (context, _input, effect) => verifyMemberships(context, effect),
  undo: (context, _input, recorded, overwrite) => undoMemberships(context, recorded, overwrite),
});

function groupsThatOpen({ config }: DirectorySession, user: string): readonly string[] {
  const { dataAccessGroups } = config;
  const named = (name: string): string =>
    name.replaceAll('{user}', () => (name.includes('=') ? escapeDnValue(user) : user));
  if (dataAccessGroups.length > 0) return dataAccessGroups.map(named);
  throw new DataAccessNotConfigured(
    'Name the groups in the request, or dataAccessGroups in the system’s configuration.',
  );
}
