import type { EffectNote, FieldChange } from '#libs/kernel';
import { DOMAIN_USERS, primaryGroupSid, sidBytes, sidInDomain, sidOf } from './active-directory-sids.js';
import type { DirectorySession } from './ldap-connection.js';
import { isBelow, sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { all, equals } from './ldap-filter.js';
import { memberField, membersAmong } from './ldap-groups.js';

/**
 * The field of a user that names the primary group by its number. A group does not list those whose primary group it is, and
 * nobody can leave it but by getting another (MS-SAMR 3.1.1.8.2).
 */
export const PRIMARY_GROUP_FIELD = 'primaryGroupID';

/** Whether a group is a user's primary one: membership that the group itself does not show. */
export function isPrimaryGroup(group: LdapEntry, user: LdapEntry): boolean {
  const sid = sidOf(group);
  return sid !== null && sid === primaryGroupSid(user);
}

/** Whether a user is in a group directly, by its list of members or as its primary one. */
export function isMemberOf(group: LdapEntry, user: LdapEntry): boolean {
  return isPrimaryGroup(group, user) || membersAmong(group, [user.dn]).length > 0;
}

/** The group with a SID, wherever in the directory it is. */
export async function groupWithSid(directory: DirectorySession, sid: string): Promise<LdapEntry | null> {
  const filter = all(equals('objectClass', directory.dialect.groupClass), equals('objectSid', sidBytes(sid)));
  const base = directory.config.baseDn;
  const found = await directory.search({ base, scope: 'sub', filter, attributes: ['cn'] });
  return found[0] ?? null;
}

/** How a user leaves the primary group, and the groups that this concerns. */
export interface PrimaryGroupLeave {
  readonly changes: readonly FieldChange[];
  readonly notes: readonly EffectNote[];
  /** The group that becomes the primary one: not to be left. Null when nothing changes. */
  readonly becomesPrimary: LdapEntry | null;
}

const NOTHING: PrimaryGroupLeave = { changes: [], notes: [], becomesPrimary: null };

/**
 * How a user leaves a primary group that is not the domain's users: they join the domain's users where they are no member,
 * get those as their primary group, which makes a plain membership of the old one, and leave that.
 * @param stays whether a group was named as one that is to stay.
 */
export async function leavePrimaryGroup(
  directory: DirectorySession,
  user: LdapEntry,
  login: string,
  stays: (group: LdapEntry) => boolean,
): Promise<PrimaryGroupLeave> {
  const sid = primaryGroupSid(user);
  if (sid === null || sid === sidInDomain(sid, DOMAIN_USERS)) return NOTHING;
  const group = await groupWithSid(directory, sid);
  const users = await groupWithSid(directory, sidInDomain(sid, DOMAIN_USERS));
  if (!group || !users) return { ...NOTHING, notes: [unreadable(user)] };
  if (stays(group)) return NOTHING;
  if (!isWithinGroups(directory, group)) return { ...NOTHING, notes: [outside(group)] };
  const field = memberField(login);
  const isUser = await isListed(directory, users, user.dn);
  const joins: FieldChange[] = isUser ? [] : [{ target: users.dn, field, before: false, after: true }];
  const before = user.first(PRIMARY_GROUP_FIELD);
  return {
    changes: [
      ...joins,
      { target: user.dn, field: PRIMARY_GROUP_FIELD, before, after: String(DOMAIN_USERS) },
      { target: group.dn, field, before: true, after: false },
    ],
    notes: [changed(group, users)],
    becomesPrimary: users,
  };
}

/** Asked of the group alone: the list of the domain's users is as long as the domain has people. */
async function isListed(directory: DirectorySession, group: LdapEntry, memberDn: string): Promise<boolean> {
  const found = await directory.search({
    base: group.dn,
    scope: 'base',
    filter: equals('member', memberDn),
    attributes: [],
  });
  return found.length > 0;
}

function isWithinGroups({ config }: DirectorySession, group: LdapEntry): boolean {
  return isBelow(group.dn, config.groupsOu) || sameDn(group.dn, config.groupsOu);
}

function changed(group: LdapEntry, users: LdapEntry): EffectNote {
  const text = `${group.dn} is the user’s primary group. ${users.dn} becomes the primary group first, because everybody has one.`;
  return { code: 'directory.primary_group_changed', text };
}

function outside(group: LdapEntry): EffectNote {
  const text = `${group.dn} is the user’s primary group and stays: it lies outside of where groups are looked for.`;
  return { code: 'directory.primary_group_kept', text };
}

function unreadable(user: LdapEntry): EffectNote {
  const text = `The primary group of ${user.dn} stays: our account cannot read it, or cannot read the domain’s users.`;
  return { code: 'directory.primary_group_kept', text };
}
