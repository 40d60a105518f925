import type { Effect, EffectNote, FieldChange } from '#libs/kernel';
import type { DirectorySession } from './ldap-connection.js';
import { isBelow } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { GroupNotFound, GroupNotManaged } from './ldap-errors.js';
import { groupsOf, memberField, readGroup, resolveGroup } from './ldap-groups.js';
import { isPrivilegedGroup } from './ldap-privileges.js';
import { locateUser } from './ldap-user.js';

/** Groups by DN: the same group by its name and by its DN is one. */
export type Groups = ReadonlyMap<string, LdapEntry>;

/** A colleague's groups as somebody else may get them. */
export interface ColleaguesGroups {
  readonly groups: Groups;
  /** Not to be got this way. */
  readonly privileged: Groups;
  readonly notes: readonly EffectNote[];
}

/** The groups with these names or DNs. Throws `GroupNotFound` or `GroupAmbiguous`. */
export async function resolveGroups(directory: DirectorySession, names: readonly string[]): Promise<Groups> {
  const found = await Promise.all(names.map((name) => resolveGroup(directory, name)));
  return byDn(found);
}

/**
 * The groups that somebody gets by being like a colleague: those that name the colleague as their direct member. Groups that
 * contain those, and groups whose members a rule decides, are left out; privileged ones are too, and a note says so.
 */
export async function colleaguesGroups(directory: DirectorySession, colleague: string): Promise<ColleaguesGroups> {
  const { dn } = await locateUser(directory, colleague, null);
  const direct = inOrder(await groupsOf(directory, dn));
  const privileged: LdapEntry[] = [];
  for (const group of direct) if (await isPrivilegedGroup(directory, group)) privileged.push(group);
  const notes = privileged.map((group) => ({
    code: 'directory.privileged_group_not_copied',
    text: `${colleague} is in ${group.dn}. That group is privileged and has to be asked for by name.`,
  }));
  const groups = byDn(direct.filter((group) => !privileged.includes(group)));
  return { groups, privileged: byDn(privileged), notes };
}

/**
 * The groups of approved changes with a certain end: what was looked up at a colleague is looked up once, so that the
 * colleague's later changes are nobody's drift. Throws `GroupNotFound` when one is gone.
 */
export async function approvedGroups(
  directory: DirectorySession,
  approved: Effect,
  login: string,
  isMember: boolean,
): Promise<Groups> {
  const field = memberField(login).toLowerCase();
  const ofUser = approved.changes.filter((change) => change.field.toLowerCase() === field && change.after === isMember);
  const groups = await Promise.all(ofUser.map(({ target }) => requireGroup(directory, target)));
  return byDn(groups);
}

/** The change that makes a user a member. */
export function joining(group: LdapEntry, login: string, isMember: boolean): FieldChange {
  return { target: group.dn, field: memberField(login), before: isMember, after: true };
}

/** The groups among which a mover's are decided: those below a unit, or those of a list. */
export interface ManagedScope {
  readonly managed?: readonly string[] | undefined;
}

/** Keeps the groups that lie within the managed scope. */
export async function withinScope(
  directory: DirectorySession,
  groups: Groups,
  { managed }: ManagedScope,
): Promise<Groups> {
  const listed = managed === undefined ? null : await resolveGroups(directory, managed);
  const base = directory.config.managedGroupsOu ?? directory.config.groupsOu;
  return new Map([...groups].filter(([dn]) => (listed === null ? isBelow(dn, base) : listed.has(dn))));
}

/** Throws `GroupNotManaged` when a wanted group lies outside the scope: it would never be taken away again. */
export async function requireManaged(directory: DirectorySession, wanted: Groups, scope: ManagedScope): Promise<void> {
  const inside = await withinScope(directory, wanted, scope);
  const outside = [...wanted.keys()].filter((dn) => !inside.has(dn));
  if (outside.length === 0) return;
  throw new GroupNotManaged(
    `${outside.join(' and ')} is not among the managed groups. Leave it out or widen the scope.`,
    {
      context: { groups: outside },
    },
  );
}

export function byDn(groups: readonly LdapEntry[]): Groups {
  return new Map(inOrder(groups).map((group) => [group.dn, group]));
}

async function requireGroup(directory: DirectorySession, dn: string): Promise<LdapEntry> {
  const group = await readGroup(directory, dn);
  if (!group) throw new GroupNotFound(`There is no group ${dn} any more.`, { context: { group: dn } });
  return group;
}

function inOrder(groups: readonly LdapEntry[]): readonly LdapEntry[] {
  return [...groups].sort((a, b) => (a.dn < b.dn ? -1 : 1));
}
