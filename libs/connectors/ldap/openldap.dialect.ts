import type { DirectoryDialect } from './ldap-dialect.js';
import { change, exchange, type LdapEntry } from './ldap-entry.js';
import { all, AssertionControl, equals } from './ldap-filter.js';
import { openLdapPerson } from './openldap-person.dialect.js';

const LOCKED_TIME = 'pwdAccountLockedTime';
const MUST_CHANGE = 'pwdReset';
/** Locked until an administrator unlocks (slapo-ppolicy(5)). Any other value is a lock after failed logins, which ends by itself. */
const LOCKED_FOR_GOOD = '000001010000Z';

/** OpenLDAP with the overlays ppolicy and, usually, memberof and refint. Proven against slapd 2.5. */
export const openLdap: DirectoryDialect = {
  requiredAttributes: ['entryUUID', 'entryCSN'],
  stateAttributes: [
    'entryUUID',
    'entryCSN',
    LOCKED_TIME,
    MUST_CHANGE,
    'pwdChangedTime',
    'pwdPolicySubentry',
    'modifyTimestamp',
    'creatorsName',
  ],
  serverNameAttribute: null,
  tokenAttribute: null,
  byteAttributes: [],
  personFilter: null,
  groupClass: 'groupOfNames',
  groupsMayBeEmpty: false,
  lockPolicy: { nameAttribute: 'pwdPolicySubentry', switchAttribute: 'pwdLockout' },
  disabledField: LOCKED_TIME,
  disabledValue: LOCKED_FOR_GOOD,
  enabledValue: null,
  person: openLdapPerson(LOCKED_TIME, LOCKED_FOR_GOOD),
  identityOf: (entry) => entry.first('entryUUID') ?? '',
  identityFilter: (id) => equals('entryUUID', id),
  addressOf(entry) {
    // entryCSN changes with every write to the entry: together they say "this object, as I read it"
    const asRead = all(
      equals('entryUUID', openLdap.identityOf(entry)),
      equals('entryCSN', entry.first('entryCSN') ?? ''),
    );
    return { dn: entry.dn, controls: [new AssertionControl(asRead)] };
  },
  // Whoever mistypes a password five times must not turn up as drift, so a lock that ends by itself counts as none.
  disabledState: (entry) => (isLockedForGood(entry) ? LOCKED_FOR_GOOD : null),
  disabledChanges: (entry, value) =>
    exchange(LOCKED_TIME, entry.values(LOCKED_TIME), typeof value === 'string' ? [value] : []),
  passwordChanges(entry, password) {
    const newPassword = change('replace', 'userPassword', [password]);
    // ppolicy unlocks an account whose password is reset, unless the same modify touches the lock itself.
    return isLockedForGood(entry)
      ? [newPassword, ...exchange(LOCKED_TIME, [LOCKED_FOR_GOOD], [LOCKED_FOR_GOOD])]
      : [newPassword];
  },
  mustChangeField: MUST_CHANGE,
  mustChangeSwitch: 'pwdMustChange',
  mustChangeState: (entry) => entry.first(MUST_CHANGE) === 'TRUE',
  mustChangeChanges: (entry, value) => exchange(MUST_CHANGE, entry.values(MUST_CHANGE), value ? ['TRUE'] : []),
  passwordChangedAt: (entry) => entry.first('pwdChangedTime'),
  oldPasswordLingers: false,
  saysSamePassword: (said) => said.includes('Password is not being changed from existing value'),
  changedAt: (entry) => entry.first('modifyTimestamp'),
};

function isLockedForGood(entry: LdapEntry): boolean {
  return entry.first(LOCKED_TIME) === LOCKED_FOR_GOOD;
}
