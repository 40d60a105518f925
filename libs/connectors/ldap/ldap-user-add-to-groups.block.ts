import type { FieldChange } from '#libs/kernel';
import { defineBlock } from '../block.js';
import { effectOf } from '../field-changes.js';
import { withDirectory } from './ldap-connection.js';
import { memberField, membersAmong, resolveGroup, wholeGroup } from './ldap-groups.js';
import { applyMemberships, undoMemberships, verifyMemberships } from './ldap-membership.js';
import { identityOf, locateUser } from './ldap-user.js';
import { readBackSchema, userSchema } from './ldap-user-fields.js';

type AddInput = { readonly user: string; readonly groups: readonly string[] };

/** Makes a user a direct member of groups, given by name or DN. */
export const ldapUserAddToGroups = defineBlock<AddInput>({
  name: 'ldap.user.add-to-groups',
  title: { en: 'Add to groups', de: 'In Gruppen aufnehmen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user', 'groups'],
    properties: {
      user: userSchema,
      groups: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', minLength: 1 } },
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and groups', 'write the members of groups'],
  repeatIsHarmless: 'A member that is in a group already is not added again.',
  plan: (context, { user: login, groups: names }) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, login, context.expectedIdentity);
      const changes = new Map<string, FieldChange>();
      for (const name of names) {
        const group = wholeGroup(await resolveGroup(directory, name));
        const before = membersAmong(group, [user.dn]).length > 0;
        // the same group by its name and by its DN is one change
        changes.set(group.dn, { target: group.dn, field: memberField(login), before, after: true });
      }
      return effectOf(identityOf(directory, user), [...changes.values()]);
    }),
  apply: (context, { user }, effect) => applyMemberships(context, user, effect),
  verify: (context, _input, effect) => verifyMemberships(context, effect),
  undo: (context, _input, recorded, overwrite) => undoMemberships(context, recorded, overwrite),
});
