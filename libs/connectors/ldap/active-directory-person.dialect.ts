import type { LdapConfig } from './ldap-config.js';
import type { PersonDialect } from './ldap-person.js';

/** userAccountControl: NORMAL_ACCOUNT, alone and with ACCOUNTDISABLE (MS-ADTS 2.2.16). */
const NORMAL_ACCOUNT = 0x200;
const ACCOUNT_DISABLED = 0x2;

/**
 * People as `user`. The entry is named after the user name, not the display name: two colleagues may be called alike, and
 * an entry's name has to be unique in its unit. The password is a step of its own; until then the account stays disabled.
 */
export const activeDirectoryPerson: PersonDialect = {
  objectClasses: ['organizationalPerson', 'person', 'top', 'user'],
  namingAttribute: 'cn',
  attributes: {
    givenName: 'givenName',
    surname: 'sn',
    displayName: 'displayName',
    mail: 'mail',
    aliases: 'proxyAddresses',
    title: 'title',
    department: 'department',
    company: 'company',
    streetAddress: 'streetAddress',
    postalCode: 'postalCode',
    city: 'l',
    state: 'st',
    usageLocation: 'c',
    businessPhones: 'telephoneNumber',
    mobilePhone: 'mobile',
    employeeType: 'employeeType',
    employeeNumber: 'employeeNumber',
    manager: 'manager',
    // no attribute of the schema means it; a customer may have chosen one
    sponsor: null,
  },
  derived: ({ user }, config) => ({
    cn: [user],
    sAMAccountName: [user],
    userPrincipalName: [`${user}@${principalSuffix(config)}`],
  }),
  accountAttributes: (disabled) => ({
    userAccountControl: [String(disabled ? NORMAL_ACCOUNT | ACCOUNT_DISABLED : NORMAL_ACCOUNT)],
  }),
  // The domain's password policy refuses an open account that has none.
  opensWithoutPassword: false,
  aliasValue: (address) => `smtp:${address}`,
  mailAttributes: ['mail', 'userPrincipalName'],
  creatorAttribute: null,
};

/** The domain behind the `@` of a principal name: as configured, else the domain that the base DN names. */
function principalSuffix({ userPrincipalSuffix, baseDn }: LdapConfig): string {
  if (userPrincipalSuffix !== null) return userPrincipalSuffix;
  return [...baseDn.matchAll(/(?:^|,)\s*dc=([^,]+)/gi)].map((part) => part[1]).join('.');
}
