import type { BlockContext } from '../block.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { UserExists } from './ldap-errors.js';
import { any, equals } from './ldap-filter.js';
import type { NewPerson } from './ldap-person.js';

type Names = Pick<NewPerson, 'user' | 'mail' | 'aliases'>;

/** Something that a new person would get and somebody has. */
interface Taken {
  readonly field: 'user' | 'mail';
  readonly value: string;
  readonly entries: readonly LdapEntry[];
}

/**
 * Throws `UserExists` when the user name or one of the addresses belongs to another entry, wherever it lies: a leaver's name
 * given to somebody else would let old rights and old mail find the wrong person. `own` is the entry that may have them.
 */
export async function refuseOwners(
  directory: DirectorySession,
  names: Names,
  own: LdapEntry | null = null,
): Promise<void> {
  const taken = await firstTaken(directory, names, own);
  if (!taken) return;
  const { field, value, entries } = taken;
  const owners = entries.map((entry) => entry.dn);
  throw new UserExists(
    `${value} belongs to ${owners.join(' and ')}. Choose another ${field === 'user' ? 'user name' : 'address'}.`,
    {
      context: { field, value, entries: owners },
    },
  );
}

/** Which of some user names somebody has already, in the order given. */
export function takenUserNames(context: BlockContext, names: readonly string[]): Promise<readonly string[]> {
  return withDirectory(context, async (directory) => {
    const taken: string[] = [];
    for (const user of names) if (await firstTaken(directory, { user }, null)) taken.push(user);
    return taken;
  });
}

async function firstTaken(directory: DirectorySession, names: Names, own: LdapEntry | null): Promise<Taken | null> {
  const { config, dialect } = directory;
  const { person } = dialect;
  const wanted = [
    { field: 'user' as const, value: names.user, filter: equals(config.userNameAttribute, names.user) },
    ...[...(names.mail ? [names.mail] : []), ...(names.aliases ?? [])].map((value) => {
      const alias = config.mailAliasAttribute ?? person.attributes.aliases;
      const holders = person.mailAttributes.map((attribute) => equals(attribute, value));
      const filter = any(...holders, ...(alias === null ? [] : [equals(alias, person.aliasValue(value))]));
      return { field: 'mail' as const, value, filter };
    }),
  ];
  for (const { field, value, filter } of wanted) {
    const found = await directory.search({ base: config.baseDn, scope: 'sub', filter, attributes: [] });
    const entries = found.filter((entry) => own === null || dialect.identityOf(entry) !== dialect.identityOf(own));
    if (entries.length > 0) return { field, value, entries };
  }
  return null;
}
