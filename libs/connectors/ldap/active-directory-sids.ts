import type { LdapEntry } from './ldap-entry.js';

/** What membership in a group, through others too, makes of a user. */
export type Privilege = 'privileged' | 'protected';

/** Domain users: everybody's primary group unless another was chosen. */
export const DOMAIN_USERS = 513;
const PROTECTED_USERS = 525;

/**
 * The groups by which somebody rules a domain or can come to: those that Windows guards itself (Microsoft, "Appendix C:
 * Protected Accounts and Groups in Active Directory"), and the owners of group policies, by their number in the domain.
 */
const PRIVILEGED_IN_DOMAIN = new Set([
  512, // Domain Admins
  516, // Domain Controllers
  518, // Schema Admins
  519, // Enterprise Admins
  520, // Group Policy Creator Owners
  521, // Read-only Domain Controllers
  526, // Key Admins
  527, // Enterprise Key Admins
]);
const PRIVILEGED_BUILT_IN = new Set([
  544, // Administrators
  548, // Account Operators
  549, // Server Operators
  550, // Print Operators
  551, // Backup Operators
  552, // Replicator
]);
/** Accounts that are what they are without any group: Administrator and krbtgt. */
const PRIVILEGED_ACCOUNTS = new Set([500, 502]);

const DOMAIN_SID = /^S-1-5-21-\d+-\d+-\d+-(\d+)$/;
const BUILT_IN_SID = /^S-1-5-32-(\d+)$/;

/** A SID's text (MS-DTYP 2.4.2.1), or null when the bytes are none. */
export function sidText(bytes: string | Buffer | undefined): string | null {
  if (!Buffer.isBuffer(bytes) || bytes.length < 8 || bytes.length !== 8 + 4 * bytes[1]!) return null;
  const parts = Array.from({ length: bytes[1]! }, (_, index) => bytes.readUInt32LE(8 + 4 * index));
  return ['S', bytes[0], bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** The stored bytes of a SID's text. */
export function sidBytes(text: string): Buffer {
  const [revision = 0, authority = 0, ...parts] = text.split('-').slice(1).map(Number);
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes.writeUInt8(revision, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  parts.forEach((part, index) => bytes.writeUInt32LE(part, 8 + 4 * index));
  return bytes;
}

export function sidOf(entry: LdapEntry): string | null {
  return sidText(entry.raw('objectSid')[0]);
}

/** The SID of a user's primary group: of the same domain, with another last number. */
export function primaryGroupSid(user: LdapEntry): string | null {
  const own = sidOf(user);
  const number = user.first('primaryGroupID');
  return own === null || number === null ? null : sidInDomain(own, Number(number));
}

/** The SID with this number in the domain of another SID. */
export function sidInDomain(sid: string, number: number): string {
  return sid.replace(/\d+$/, String(number));
}

/** What a group's SID makes of those who are in it. */
export function privilegeOfGroup(sid: string): Privilege | null {
  const inDomain = Number(DOMAIN_SID.exec(sid)?.[1]);
  if (inDomain === PROTECTED_USERS) return 'protected';
  const builtIn = Number(BUILT_IN_SID.exec(sid)?.[1]);
  return PRIVILEGED_IN_DOMAIN.has(inDomain) || PRIVILEGED_BUILT_IN.has(builtIn) ? 'privileged' : null;
}

/** Whether an account is privileged by itself. */
export function isPrivilegedAccount(sid: string): boolean {
  return PRIVILEGED_ACCOUNTS.has(Number(DOMAIN_SID.exec(sid)?.[1]));
}
