import type { Json } from '#libs/kernel';
import { activeDirectoryPerson } from './active-directory-person.dialect.js';
import type { DirectoryDialect } from './ldap-dialect.js';
import { change, exchange, type LdapEntry } from './ldap-entry.js';
import { all, equals } from './ldap-filter.js';

const ACCOUNT_CONTROL = 'userAccountControl';
const ACCOUNT_DISABLED = 0x2;
const PRIMARY_GROUP = 'primaryGroupID';

/** Active Directory. Proven against a domain controller of Samba 4.17; docs/active-directory.md says how Windows differs. */
export const activeDirectory: DirectoryDialect = {
  requiredAttributes: ['objectGUID', 'objectSid', ACCOUNT_CONTROL, PRIMARY_GROUP],
  stateAttributes: ['objectGUID', 'objectSid', ACCOUNT_CONTROL, PRIMARY_GROUP, 'pwdLastSet', 'whenChanged'],
  serverNameAttribute: 'dnsHostName',
  tokenAttribute: 'tokenGroups',
  byteAttributes: ['objectGUID', 'objectSid', 'tokenGroups'],
  // computers are persons too, and groups have a sAMAccountName
  personFilter: all(equals('objectClass', 'user'), equals('objectCategory', 'person')),
  groupClass: 'group',
  groupsMayBeEmpty: true,
  lockPolicy: null,
  // One bit of the number: whoever changes another bit meanwhile is no drift of this one.
  disabledField: `${ACCOUNT_CONTROL}:ACCOUNTDISABLE`,
  disabledValue: true,
  enabledValue: false,
  person: activeDirectoryPerson,
  identityOf: (entry) => guidText(entry.raw('objectGUID')[0]),
  identityFilter: (id) => equals('objectGUID', guidBytes(id)),
  // No assertion control there; but an object can be addressed by its GUID, and old values are named in each change.
  addressOf: (entry) => ({ dn: `<GUID=${activeDirectory.identityOf(entry)}>`, controls: [] }),
  disabledState: (entry) => (accountControl(entry) & ACCOUNT_DISABLED) !== 0,
  disabledChanges(entry, value) {
    const before = accountControl(entry);
    return exchange(ACCOUNT_CONTROL, [String(before)], [String(withDisabled(before, value))]);
  },
  passwordChanges: (_entry, password) => [change('replace', 'unicodePwd', [unicodePassword(password)])],
  mustChangeField: 'pwdLastSet:MUST_CHANGE',
  mustChangeSwitch: null,
  mustChangeState: (entry) => entry.first('pwdLastSet') === '0',
  // The server takes only these two: 0 "expired", -1 "set just now" (MS-SAMR 3.1.1.8.9).
  mustChangeChanges: (_entry, value) => [change('replace', 'pwdLastSet', [value ? '0' : '-1'])],
  passwordChangedAt: (entry) => entry.first('pwdLastSet'),
  // for an hour, over the network (Microsoft, "New setting modifies NTLM network authentication behavior")
  oldPasswordLingers: true,
  saysSamePassword: () => false,
  changedAt: (entry) => entry.first('whenChanged'),
};

/** A password as `unicodePwd` takes it: in quotes, UTF-16LE (MS-ADTS 3.1.1.3.1.5.1). */
export function unicodePassword(password: string): Buffer {
  return Buffer.from(`"${password}"`, 'utf16le');
}

/** The text of a GUID; its first three fields are stored with the low byte first. */
export function guidText(bytes: string | Buffer | undefined): string {
  if (!Buffer.isBuffer(bytes) || bytes.length !== 16) return '';
  const hex = swapped(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The stored bytes of a GUID's text. */
export function guidBytes(text: string): Buffer {
  return swapped(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  return copy;
}

function accountControl(entry: LdapEntry): number {
  return Number(entry.first(ACCOUNT_CONTROL) ?? 0);
}

function withDisabled(control: number, disabled: Json): number {
  return disabled === true ? control | ACCOUNT_DISABLED : control & ~ACCOUNT_DISABLED;
}
