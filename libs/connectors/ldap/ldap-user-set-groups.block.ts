import type { EffectNote, FieldChange } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import { effectOf } from '../field-changes.js';
import { given } from '../json-schema.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import {
  approvedGroups,
  byDn,
  colleaguesGroups,
  joining,
  requireManaged,
  resolveGroups,
  withinScope,
  type Groups,
} from './ldap-group-selection.js';
import { groupsOf, memberField, removal } from './ldap-groups.js';
import { isMemberOf } from './ldap-primary-group.js';
import { applyMemberships, undoMemberships, verifyMemberships } from './ldap-membership.js';
import { identityOf, locateUser } from './ldap-user.js';
import { readBackSchema, userSchema } from './ldap-user-fields.js';

type SetInput = {
  readonly user: string;
  /** The groups that the user is to be in afterwards, by name or DN; the others of the scope go. */
  readonly groups?: readonly string[];
  /** The user is to be in the groups of this colleague instead. */
  readonly likeColleague?: string;
  /** The groups that are decided about; by default all below the unit that the system's configuration names. */
  readonly managed?: readonly string[];
};

/** What a mover joins and leaves. */
interface Difference {
  readonly joins: Groups;
  readonly leaves: Groups;
  readonly notes: readonly EffectNote[];
}

const names = { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1 } } as const;

/** Brings a user's groups to a set: what is missing is added, what is too much and managed is taken away. */
export const ldapUserSetGroups = directoryBlock<SetInput>({
  name: 'ldap.user.set-groups',
  title: { en: 'Change the groups', de: 'Gruppen anpassen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    oneOf: [given('groups'), given('likeColleague')],
    properties: { user: userSchema, groups: names, likeColleague: userSchema, managed: { ...names, minItems: 1 } },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and groups', 'write the members of groups'],
  repeatIsHarmless: 'A member that is in a group already is not added again, one that is gone is not removed again.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, input.user, context.expectedIdentity);
      const { joins, leaves, notes } = await differenceOf(context, directory, user, input);
      const isMember = (group: LdapEntry): boolean => isMemberOf(group, user);
      const changes: FieldChange[] = [...joins.values()].map((group) => joining(group, input.user, isMember(group)));
      const removals = [...leaves.values()]
        .filter(isMember)
        .map((group) => removal(directory, group, [user.dn], memberField(input.user)));
      return effectOf(identityOf(directory, user), [...changes, ...removals.flatMap((one) => one.changes)], {
        notes: [...notes, ...removals.flatMap((one) => one.notes)],
      });
    }),
  apply: (context, { user }, effect) => applyMemberships(context, user, effect),
  verify: (context, _input, effect) => verifyMemberships(context, effect),
  undo: (context, _input, recorded, overwrite) => undoMemberships(context, recorded, overwrite),
});

async function differenceOf(
  context: BlockContext,
  directory: DirectorySession,
  user: LdapEntry,
  input: SetInput,
): Promise<Difference> {
  const { approved } = context;
  if (approved && input.likeColleague !== undefined) {
    const joins = await approvedGroups(directory, approved, input.user, true);
    return { joins, leaves: await approvedGroups(directory, approved, input.user, false), notes: [] };
  }
  const wanted = await wantedGroups(directory, input);
  const present = await withinScope(directory, byDn(await groupsOf(directory, user.dn)), input);
  return {
    joins: wanted.groups,
    leaves: new Map([...present].filter(([dn]) => !wanted.groups.has(dn) && !wanted.kept.has(dn))),
    notes: wanted.notes,
  };
}

/** The groups to be in, and those of the colleague's that are neither given nor taken. */
async function wantedGroups(
  directory: DirectorySession,
  input: SetInput,
): Promise<{ readonly groups: Groups; readonly kept: Groups; readonly notes: readonly EffectNote[] }> {
  if (input.likeColleague === undefined) {
    const groups = await resolveGroups(directory, input.groups ?? []);
    await requireManaged(directory, groups, input);
    return { groups, kept: new Map(), notes: [] };
  }
  const { groups, privileged, notes } = await colleaguesGroups(directory, input.likeColleague);
  return { groups: await withinScope(directory, groups, input), kept: privileged, notes };
}
