import type { Effect, EffectNote } from '#libs/kernel';
import {
  isPrivilegedAccount,
  primaryGroupSid,
  privilegeOfGroup,
  sidOf,
  sidText,
  type Privilege,
} from './active-directory-sids.js';
import type { DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { DirectoryAccessDenied } from './ldap-errors.js';
import { all, any, equals } from './ldap-filter.js';
import { namesGroup } from './ldap-groups.js';
import { newUserOf } from './ldap-new-user-identity.js';
import { groupWithSid } from './ldap-primary-group.js';
import { findById } from './ldap-user.js';

/** Attributes that say what a group gives to its members; not its members, who may be many. */
const GROUP_ATTRIBUTES = ['cn', 'groupType'];
/** Groups in groups in groups: where a directory nests deeper, somebody has lost sight of it, too. */
const DEEPEST = 32;

/** A group that somebody is in, and the groups between them and it. */
interface Reached {
  readonly group: LdapEntry;
  readonly through: readonly string[];
}

interface Finding {
  readonly privilege: Privilege;
  readonly text: string;
}

/**
 * Adds to a plan that its user is privileged or protected, through whatever groups, or would become so. Such a plan needs a
 * second person. A plan that changes nothing is left as it is. Throws `DirectoryAccessDenied` when our account may not read
 * what the answer rests on: not knowing is no reason to go on.
 */
export async function withPrivilegeNotes(directory: DirectorySession, effect: Effect): Promise<Effect> {
  const { dialect, config } = directory;
  if (effect.changes.length === 0) return effect;
  if (dialect.tokenAttribute === null && config.privilegedGroups.length === 0) return effect;
  const notes = [...(await notesOnUser(directory, effect)), ...(await notesOnJoins(directory, effect))];
  return notes.length === 0 ? effect : { ...effect, notes: [...effect.notes, ...notes] };
}

/** Whether a group, or a group that it is in, makes its members privileged or protected. */
export async function isPrivilegedGroup(directory: DirectorySession, group: LdapEntry): Promise<boolean> {
  const { dialect, config } = directory;
  if (dialect.tokenAttribute === null && config.privilegedGroups.length === 0) return false;
  return (await findingsOfGroup(directory, group)).length > 0;
}

async function notesOnUser(directory: DirectorySession, effect: Effect): Promise<readonly EffectNote[]> {
  const id = effect.identity?.id ?? '';
  const user = id === '' || newUserOf(id) !== null ? null : await findById(directory, id);
  if (!user) return [];
  const findings = await findingsOfUser(directory, user);
  return noteOf(findings, (what) => `${user.dn} ${what}`);
}

async function notesOnJoins(directory: DirectorySession, effect: Effect): Promise<readonly EffectNote[]> {
  const joined = effect.changes.filter(({ field, after }) => field.startsWith('member:') && after === true);
  const notes: EffectNote[] = [];
  for (const { target } of joined) {
    const [group] = await directory.search({ base: target, scope: 'base', attributes: GROUP_ATTRIBUTES });
    const findings = group ? await findingsOfGroup(directory, group) : [];
    notes.push(...noteOf(findings, (what) => `Whoever joins ${target} ${what}`));
  }
  return notes;
}

/** A note for each kind of privilege, naming the groups. */
function noteOf(findings: readonly Finding[], sentence: (what: string) => string): readonly EffectNote[] {
  const kinds: readonly Privilege[] = ['privileged', 'protected'];
  return kinds.flatMap((kind) => {
    const texts = findings.filter(({ privilege }) => privilege === kind).map(({ text }) => text);
    if (texts.length === 0) return [];
    const text = `${sentence(`is ${kind}`)}: ${[...new Set(texts)].join('; ')}. A second person has to confirm.`;
    return [{ code: `directory.user_${kind}`, text }];
  });
}

async function findingsOfUser(directory: DirectorySession, user: LdapEntry): Promise<readonly Finding[]> {
  const primary = primaryGroupSid(user);
  const first = primary === null ? null : await groupWithSid(directory, primary);
  const reached = await climb(directory, user.dn, first ? [first] : []);
  const sid = sidOf(user);
  const own: Finding[] =
    sid !== null && isPrivilegedAccount(sid) ? [{ privilege: 'privileged', text: 'by itself' }] : [];
  return [...own, ...findingsAmong(directory, reached), ...(await findingsOfToken(directory, user, reached))];
}

async function findingsOfGroup(directory: DirectorySession, group: LdapEntry): Promise<readonly Finding[]> {
  const above = await climb(directory, group.dn, []);
  return findingsAmong(directory, [{ group, through: [] }, ...above]);
}

function findingsAmong(directory: DirectorySession, reached: readonly Reached[]): readonly Finding[] {
  return reached.flatMap(({ group, through }) => {
    const privilege = privilegeOf(directory, group);
    if (privilege === null) return [];
    const way = through.length === 0 ? 'directly' : `through ${through.join(', ')}`;
    return [{ privilege, text: `in ${group.dn} (${way})` }];
  });
}

function privilegeOf({ config }: DirectorySession, group: LdapEntry): Privilege | null {
  const sid = sidOf(group);
  const builtIn = sid === null ? null : privilegeOfGroup(sid);
  return builtIn ?? (config.privilegedGroups.some((name) => namesGroup(group, name)) ? 'privileged' : null);
}

/**
 * What the domain controller itself puts into the user's token at a sign-in. It knows of groups of other domains, and of
 * such as our account may not read.
 */
async function findingsOfToken(
  directory: DirectorySession,
  user: LdapEntry,
  reached: readonly Reached[],
): Promise<readonly Finding[]> {
  const { tokenAttribute } = directory.dialect;
  if (tokenAttribute === null) return [];
  const [entry] = await directory.search({ base: user.dn, scope: 'base', attributes: [tokenAttribute] });
  const sids = (entry?.raw(tokenAttribute) ?? []).map(sidText);
  if (sids.length === 0) {
    throw new DirectoryAccessDenied(`Let our account read ${tokenAttribute} of users: it tells who is privileged.`);
  }
  const known = new Set(reached.map(({ group }) => sidOf(group)));
  return sids.flatMap((sid) => {
    const privilege = sid === null || known.has(sid) ? null : privilegeOfGroup(sid);
    return privilege === null ? [] : [{ privilege, text: `in ${sid} (says the domain controller)` }];
  });
}

/** Every group above an entry, level by level; what gives no rights (a distribution list) leads nowhere. */
async function climb(
  directory: DirectorySession,
  memberDn: string,
  first: readonly LdapEntry[],
): Promise<readonly Reached[]> {
  const seen = new Map<string, Reached>();
  const add = (group: LdapEntry, through: readonly string[]): Reached[] => {
    const key = group.dn.toLowerCase();
    if (seen.has(key) || isDistributionList(group)) return [];
    const reached = { group, through };
    seen.set(key, reached);
    return [reached];
  };
  let level = [
    ...first.flatMap((group) => add(group, [])),
    ...(await groupsWith(directory, [memberDn])).flatMap((group) => add(group, [])),
  ];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) level = await nextLevel(directory, level, add);
  return [...seen.values()];
}

async function nextLevel(
  directory: DirectorySession,
  level: readonly Reached[],
  add: (group: LdapEntry, through: readonly string[]) => Reached[],
): Promise<Reached[]> {
  const found: Reached[] = [];
  // One question for each group below keeps the way that leads up.
  for (const { group, through } of level)
    for (const above of await groupsWith(directory, [group.dn])) found.push(...add(above, [...through, group.dn]));
  return found;
}

function groupsWith(directory: DirectorySession, members: readonly string[]): Promise<readonly LdapEntry[]> {
  const { config, dialect } = directory;
  const filter = all(
    equals('objectClass', dialect.groupClass),
    any(...members.map((member) => equals('member', member))),
  );
  return directory.search({ base: config.baseDn, scope: 'sub', filter, attributes: GROUP_ATTRIBUTES });
}

/** `groupType` without its highest bit (MS-ADTS 2.2.12): a negative number is a group that gives rights. */
function isDistributionList(group: LdapEntry): boolean {
  const type = group.first('groupType');
  return type !== null && Number(type) >= 0;
}
