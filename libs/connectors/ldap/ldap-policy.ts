import type { DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';

/** The password policy of a user: the one that the entry names, else the configured default; null when neither is known. */
export async function policyOf(
  directory: DirectorySession,
  user: LdapEntry,
  attributes: readonly string[],
): Promise<LdapEntry | null> {
  const { lockPolicy } = directory.dialect;
  const named = lockPolicy === null ? null : user.first(lockPolicy.nameAttribute);
  const dn = named ?? directory.config.passwordPolicyDn;
  if (dn === null) return null;
  return (await directory.search({ base: dn, scope: 'base', attributes }))[0] ?? null;
}
