import type { EffectNote } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import { effectOf } from '../field-changes.js';
import { given } from '../json-schema.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { approvedGroups, colleaguesGroups, joining, resolveGroups, type Groups } from './ldap-group-selection.js';
import { applyMemberships, undoMemberships, verifyMemberships } from './ldap-membership.js';
import { newUserProperties, planUser, type MaybeNewUser } from './ldap-new-user.js';
import { isMemberOf } from './ldap-primary-group.js';
import { readBackSchema, userSchema } from './ldap-user-fields.js';

type AddInput = MaybeNewUser & {
  /** Names or DNs. */
  readonly groups?: readonly string[];
  /** A colleague whose groups the user gets as well. */
  readonly copyFrom?: string;
};

/** Makes a user a direct member of groups: given by name or DN, or those of a colleague. */
export const ldapUserAddToGroups = directoryBlock<AddInput>({
  name: 'ldap.user.add-to-groups',
  title: { en: 'Add to groups', de: 'In Gruppen aufnehmen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    anyOf: [given('groups'), given('copyFrom')],
    properties: {
      user: userSchema,
      ...newUserProperties,
      groups: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', minLength: 1 } },
      copyFrom: userSchema,
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and groups', 'write the members of groups'],
  repeatIsHarmless: 'A member that is in a group already is not added again.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const { user, identity } = await planUser(context, directory, input);
      const named = await resolveGroups(directory, input.groups ?? []);
      const copied = await copiedGroups(context, directory, input);
      const changes = [...new Map([...named, ...copied.groups]).values()].map((group) =>
        joining(group, input.user, isMemberOf(group, user)),
      );
      return effectOf(identity, changes, { notes: copied.notes });
    }),
  apply: (context, { user }, effect) => applyMemberships(context, user, effect),
  verify: (context, _input, effect) => verifyMemberships(context, effect),
  undo: (context, _input, recorded, overwrite) => undoMemberships(context, recorded, overwrite),
});

async function copiedGroups(
  context: BlockContext,
  directory: DirectorySession,
  { user, copyFrom }: AddInput,
): Promise<{ readonly groups: Groups; readonly notes: readonly EffectNote[] }> {
  if (copyFrom === undefined) return { groups: new Map(), notes: [] };
  if (!context.approved) return colleaguesGroups(directory, copyFrom);
  return { groups: await approvedGroups(directory, context.approved, user, true), notes: context.approved.notes };
}
