import type { EffectNote, FieldChange, Json } from '#libs/kernel';
import type { DirectorySession } from './ldap-connection.js';
import { sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { GroupAmbiguous, GroupNotFound, GroupTooLarge, StandInMissing } from './ldap-errors.js';
import { all, equals } from './ldap-filter.js';

/** The field of a group that tells whether the user is a member. */
export const memberField = (login: string): string => `member:${login}`;
/** The field of a group that holds the stand-in's DN while it stands in for a last member. */
export const STAND_IN_FIELD = 'member:stand-in';

/** Every group that names an entry as its direct member. Posix groups (`memberUid`) are none of them. */
export function groupsOf(directory: DirectorySession, memberDn: string): Promise<readonly LdapEntry[]> {
  return findGroups(directory, 'member', memberDn);
}

/** Finds groups by DN or name. Throws `GroupNotFound` or `GroupAmbiguous`. */
export async function resolveGroup(directory: DirectorySession, name: string): Promise<LdapEntry> {
  const found = name.includes('=')
    ? [await readGroup(directory, name)].flatMap((one) => one ?? [])
    : await findGroups(directory, 'cn', name);
  const [group] = found;
  if (!group) throw new GroupNotFound(`There is no group ${name}. Check its name.`, { context: { group: name } });
  if (found.length === 1) return group;
  const entries = found.map((entry) => entry.dn);
  throw new GroupAmbiguous(`${name} stands for ${found.length} groups. Give the DN of one.`, {
    context: { group: name, entries },
  });
}

/** Whether a text from a request or a configuration (a name or a DN) means this group. */
export function namesGroup(group: LdapEntry, name: string): boolean {
  return name.includes('=') ? sameDn(group.dn, name) : group.first('cn')?.toLowerCase() === name.toLowerCase();
}

/** A group's present state, or null when it does not exist. */
export async function readGroup(directory: DirectorySession, dn: string): Promise<LdapEntry | null> {
  const filter = equals('objectClass', directory.dialect.groupClass);
  const [group] = await directory.search({ base: dn, scope: 'base', filter, attributes: ['cn', 'member'] });
  return group ? wholeGroup(group) : null;
}

/** The members of a group that are one of these names, as the group writes them. */
export function membersAmong(group: LdapEntry, names: readonly string[]): readonly string[] {
  return group.values('member').filter((member) => names.some((name) => sameDn(member, name)));
}

/** The changes and the note that take a user out of a group. Throws `StandInMissing`. */
export function removal(
  { config, dialect }: DirectorySession,
  group: LdapEntry,
  names: readonly string[],
  field: string,
): { readonly changes: readonly FieldChange[]; readonly notes: readonly EffectNote[] } {
  const leaves: FieldChange = { target: group.dn, field, before: true, after: false };
  const others = wholeGroup(group).values('member').length - membersAmong(group, names).length;
  if (dialect.groupsMayBeEmpty || others > 0) return { changes: [leaves], notes: [] };
  const standIn = config.standInMember;
  if (standIn === null || names.some((name) => sameDn(name, standIn))) {
    const message = `${group.dn} would become empty. Configure a standInMember for the system or name the group under except.`;
    throw new StandInMissing(message, { context: { group: group.dn } });
  }
  const text = `The user is the last member of ${group.dn}. ${standIn} takes the place, because a group may not be empty.`;
  return {
    changes: [leaves, { target: group.dn, field: STAND_IN_FIELD, before: null, after: standIn }],
    notes: [{ code: 'directory.last_member_stand_in', text }],
  };
}

/** What a change's field holds in a group; null when the group is gone. A primary group does not list its members. */
export function membershipState(
  group: LdapEntry | null,
  change: FieldChange,
  names: readonly string[],
  isPrimary = false,
): Json {
  if (!group) return change.field === STAND_IN_FIELD ? null : 'the group is gone';
  if (change.field !== STAND_IN_FIELD) return isPrimary || membersAmong(group, names).length > 0;
  const standIn = standInOf(change);
  return membersAmong(group, [standIn]).length > 0 ? standIn : null;
}

/** The stand-in that a change of `STAND_IN_FIELD` is about. */
export function standInOf({ before, after }: FieldChange): string {
  return String(after ?? before);
}

async function findGroups(
  directory: DirectorySession,
  attribute: string,
  value: string,
): Promise<readonly LdapEntry[]> {
  const filter = all(equals('objectClass', directory.dialect.groupClass), equals(attribute, value));
  const base = directory.config.groupsOu;
  return directory.search({ base, scope: 'sub', filter, attributes: ['cn', 'member'] });
}

/** A group of which only a part of the members came would make a member look like none. */
export function wholeGroup(group: LdapEntry): LdapEntry {
  if (!group.names().some((name) => name.startsWith('member;range='))) return group;
  const message = `${group.dn} has too many members to be read at once. Name it under except and change it by hand.`;
  throw new GroupTooLarge(message, { context: { group: group.dn } });
}
