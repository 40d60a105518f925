import type { Effect, FieldChange, Identity } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import { IdentityDrift } from '../errors.js';
import type { DirectorySession } from './ldap-connection.js';
import { isBelow } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { DirectoryAccessDenied, UserAmbiguous, UserNotFound } from './ldap-errors.js';
import { all, equals } from './ldap-filter.js';
import { newUserOf } from './ldap-new-user-identity.js';

/** The identity of an entry that was read. */
export function identityOf(directory: DirectorySession, entry: LdapEntry): Identity {
  return { id: directory.dialect.identityOf(entry), name: entry.dn };
}

/**
 * Finds the user that a step is about. While planning for the first time that is whoever has the login name; afterwards
 * it is the approved object, wherever it went. Throws `UserNotFound`, `UserAmbiguous`, and `IdentityDrift` when the
 * approved object is gone or its name belongs to another one.
 */
export async function locateUser(
  directory: DirectorySession,
  login: string,
  expected: string | null,
  attributes: readonly string[] = [],
): Promise<LdapEntry> {
  const named = await findByLogin(directory, login, attributes);
  if (expected === null || newUserOf(expected) !== null) return onlyOne(directory, login, named);
  const user = await findById(directory, expected, attributes);
  const others = named.filter((entry) => directory.dialect.identityOf(entry) !== expected);
  if (user && (named.length === 0 || others.length < named.length)) return user;
  const found = others[0] ? directory.dialect.identityOf(others[0]) : null;
  throw identityDrift(login, expected, found);
}

/** The entry with an identity, or null when it is gone. */
export async function findById(
  directory: DirectorySession,
  id: string,
  attributes: readonly string[] = [],
): Promise<LdapEntry | null> {
  const newUser = newUserOf(id);
  if (newUser !== null) return (await findByLogin(directory, newUser, attributes))[0] ?? null;
  const filter = directory.dialect.identityFilter(id);
  const found = await directory.search({ base: directory.config.baseDn, scope: 'sub', filter, attributes });
  return found[0] ?? null;
}

/** The approved user for a write or a read-back, by identity alone. Throws `IdentityDrift` when it is gone. */
export async function requireById(
  directory: DirectorySession,
  effect: Effect,
  attributes: readonly string[] = [],
): Promise<LdapEntry> {
  const { id = '', name = 'The user' } = effect.identity ?? {};
  const user = await findById(directory, id, attributes);
  if (!user) throw identityDrift(name, id, null);
  return user;
}

/** The identity that a verb works on: the approved one, else the one that the effect was planned for. */
export function expectedIdentity(context: BlockContext, effect: Effect): string | null {
  return context.expectedIdentity ?? effect.identity?.id ?? null;
}

/** A change of the user entry itself. */
export function userChange(
  user: LdapEntry,
  field: string,
  values: Pick<FieldChange, 'before' | 'after' | 'opaque'>,
): FieldChange {
  return { target: user.dn, field, ...values };
}

/** Every entry with a login name. Throws `DirectoryAccessDenied` when what a safe write needs cannot be read. */
export async function findByLogin(
  directory: DirectorySession,
  login: string,
  attributes: readonly string[],
): Promise<readonly LdapEntry[]> {
  const { config, dialect } = directory;
  const named = equals(config.userNameAttribute, login);
  const filter = dialect.personFilter ? all(dialect.personFilter, named) : named;
  const found = await directory.search({ base: config.baseDn, scope: 'sub', filter, attributes });
  for (const name of dialect.requiredAttributes) {
    if (found.every((entry) => entry.raw(name).length > 0)) continue;
    throw new DirectoryAccessDenied(`Let our account read ${name} of users: nothing can be written safely without it.`);
  }
  return found;
}

function onlyOne({ config }: DirectorySession, login: string, named: readonly LdapEntry[]): LdapEntry {
  // A former colleague's entry may still have the name: who works there comes first.
  const people = named.filter((entry) => isBelow(entry.dn, config.peopleOu));
  const candidates = people.length > 0 ? people : named;
  const [user, ...others] = candidates;
  if (!user)
    throw new UserNotFound(`Nobody has the login name ${login}. Check its spelling.`, { context: { user: login } });
  if (others.length === 0) return user;
  const entries = candidates.map((entry) => entry.dn);
  throw new UserAmbiguous(`${login} stands for ${entries.length} entries. Make it unique.`, {
    context: { user: login, entries },
  });
}

function identityDrift(name: string, approved: string, found: string | null): IdentityDrift {
  const what = found === null ? 'The approved entry is gone' : 'The name belongs to another entry now';
  return new IdentityDrift(`${name}: ${what}. Nothing is written until a person has looked at it.`, {
    context: { approved, found },
  });
}
