import type { DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { NameTaken, UnitNotFound } from './ldap-errors.js';

/** The entry with a DN, or null when there is none. */
export async function findEntry(
  directory: DirectorySession,
  dn: string,
  attributes: readonly string[] = [],
): Promise<LdapEntry | null> {
  return (await directory.search({ base: dn, scope: 'base', attributes }))[0] ?? null;
}

/** A unit's DN as the server writes it. Throws `UnitNotFound`. */
export async function requireUnit(directory: DirectorySession, dn: string): Promise<string> {
  const unit = await findEntry(directory, dn);
  if (!unit) throw new UnitNotFound(`${dn} does not exist. Create it or name another unit.`, { context: { unit: dn } });
  return unit.dn;
}

/** Throws `NameTaken` when there is an entry with a DN. */
export async function refuseTaken(directory: DirectorySession, dn: string): Promise<void> {
  if (!(await findEntry(directory, dn))) return;
  throw new NameTaken(`${dn} exists already. Rename one of the two entries.`, { context: { dn } });
}
