import type { BlockContext } from '../block.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { isBelow, sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { readGroup, resolveGroup } from './ldap-groups.js';
import { identityOf, locateUser } from './ldap-user.js';

/** What a process has to know of somebody before it takes their access away. */
export interface UserFacts {
  readonly identity: string;
  /** Every mail address of the entry. */
  readonly addresses: readonly string[];
  /** Groups of administrators (DNs) in which nobody else can sign in. */
  readonly lastAdministratorOf: readonly string[];
}

const ALIASES = 'proxyAddresses';
/** Groups in groups in groups; deeper nesting counts as nobody, which is the careful answer. */
const DEEPEST = 8;

/** Reads them. Throws what locating the user throws, and `GroupNotFound` where a group of administrators is missing. */
export function readUserFacts(context: BlockContext, login: string): Promise<UserFacts> {
  return withDirectory(context, async (directory) => {
    const attributes = mailAttributes(directory);
    const user = await locateUser(directory, login, context.expectedIdentity, attributes);
    const lastAdministratorOf: string[] = [];
    for (const name of directory.config.administratorsGroups) {
      const group = await resolveGroup(directory, name);
      const { holdsUser, others } = await census(directory, group, user, new Set(), DEEPEST);
      if (holdsUser && !others) lastAdministratorOf.push(group.dn);
    }
    const addresses = attributes.flatMap((attribute) => user.values(attribute)).map(withoutScheme);
    return { identity: identityOf(directory, user).id, addresses: [...new Set(addresses)], lastAdministratorOf };
  });
}

/** The identity of whoever has this login name, or null when nobody or more than one has it. */
export function findUserIdentity(context: BlockContext, login: string): Promise<string | null> {
  return withDirectory(context, async (directory) => {
    const user = await locateUser(directory, login, null).catch((error: { code?: string }) => {
      if (error.code === 'directory.user_not_found' || error.code === 'directory.user_ambiguous') return null;
      throw error;
    });
    return user && identityOf(directory, user).id;
  });
}

function mailAttributes({ config, dialect }: DirectorySession): string[] {
  const alias = config.mailAliasAttribute;
  return [...new Set(['mail', ALIASES, ...dialect.person.mailAttributes, ...(alias === null ? [] : [alias])])];
}

/** Exchange writes `SMTP:` before an address. */
function withoutScheme(address: string): string {
  return address.replace(/^smtp:/i, '');
}

interface Census {
  readonly holdsUser: boolean;
  /** Whether anybody else in it can sign in. */
  readonly others: boolean;
}

/** Looks through a group and the groups in it. It ends as soon as the answer is known. */
async function census(
  directory: DirectorySession,
  group: LdapEntry,
  user: LdapEntry,
  seen: Set<string>,
  depth: number,
): Promise<Census> {
  let found: Census = { holdsUser: false, others: false };
  if (depth === 0 || seen.has(group.dn.toLowerCase())) return found;
  seen.add(group.dn.toLowerCase());
  for (const member of group.values('member')) {
    const part = await look(directory, member, user, seen, depth);
    found = { holdsUser: found.holdsUser || part.holdsUser, others: found.others || part.others };
    if (found.holdsUser && found.others) return found;
  }
  return found;
}

async function look(
  directory: DirectorySession,
  member: string,
  user: LdapEntry,
  seen: Set<string>,
  depth: number,
): Promise<Census> {
  if (sameDn(member, user.dn)) return { holdsUser: true, others: false };
  const group = await readGroup(directory, member);
  if (group) return census(directory, group, user, seen, depth - 1);
  return { holdsUser: false, others: await canSignIn(directory, member) };
}

/** A stand-in, an entry that is gone and one that is locked are nobody. */
async function canSignIn(directory: DirectorySession, dn: string): Promise<boolean> {
  const { config, dialect } = directory;
  if (config.standInMember !== null && sameDn(dn, config.standInMember)) return false;
  if (isBelow(dn, config.leaversOu)) return false;
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: [] });
  return entry !== undefined && dialect.disabledState(entry) !== dialect.disabledValue;
}
