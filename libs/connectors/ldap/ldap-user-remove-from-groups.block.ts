import type { EffectNote, FieldChange } from '#libs/kernel';
import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { groupsOf, memberField, namesGroup, removal, resolveGroup } from './ldap-groups.js';
import { applyMemberships, undoMemberships, verifyMemberships } from './ldap-membership.js';
import { leavePrimaryGroup } from './ldap-primary-group.js';
import { identityOf, locateUser } from './ldap-user.js';
import { readBackSchema, userSchema } from './ldap-user-fields.js';

type RemoveInput = { readonly user: string; readonly except?: readonly string[] };

/** Takes a user out of every group that names them as its direct member, except those that are to stay. */
export const ldapUserRemoveFromGroups = directoryBlock<RemoveInput>({
  name: 'ldap.user.remove-from-groups',
  title: { en: 'Remove from groups', de: 'Aus Gruppen entfernen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    properties: {
      user: userSchema,
      except: { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1 } },
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and groups', 'write the members of groups'],
  repeatIsHarmless: 'A member that is gone from a group already is not removed again.',
  plan: (context, { user: login, except = [] }) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, login, context.expectedIdentity);
      const primary = await leavePrimaryGroup(directory, user, login, (group) => staysIn(group, except));
      const groups = await leavableGroups(directory, user, except);
      const changes: FieldChange[] = [...primary.changes];
      const notes: EffectNote[] = [...primary.notes];
      for (const group of groups) {
        if (primary.becomesPrimary && sameDn(group.dn, primary.becomesPrimary.dn)) continue;
        const leaving = removal(directory, group, [user.dn], memberField(login));
        changes.push(...leaving.changes);
        notes.push(...leaving.notes);
      }
      return effectOf(identityOf(directory, user), changes, { notes });
    }),
  apply: (context, { user }, effect) => applyMemberships(context, user, effect),
  verify: (context, _input, effect) => verifyMemberships(context, effect),
  undo: (context, _input, recorded, overwrite) => undoMemberships(context, recorded, overwrite),
});

async function leavableGroups(
  directory: DirectorySession,
  user: LdapEntry,
  except: readonly string[],
): Promise<readonly LdapEntry[]> {
  const groups = await groupsOf(directory, user.dn);
  for (const name of except) {
    // A misspelt exception would take the user out of the very group that was to stay.
    if (!groups.some((group) => namesGroup(group, name))) await resolveGroup(directory, name);
  }
  return groups.filter((group) => !staysIn(group, except)).sort((a, b) => (a.dn < b.dn ? -1 : 1));
}

function staysIn(group: LdapEntry, except: readonly string[]): boolean {
  return except.some((name) => namesGroup(group, name));
}
