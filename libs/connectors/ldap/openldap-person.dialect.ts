import type { PersonDialect } from './ldap-person.js';

/** People as `inetOrgPerson` (RFC 2798). An entry without a password lets nobody in; the lock keeps it so once it has one. */
export function openLdapPerson(lockAttribute: string, lockedForGood: string): PersonDialect {
  return {
    objectClasses: ['inetOrgPerson', 'organizationalPerson', 'person', 'top'],
    namingAttribute: 'uid',
    attributes: {
      givenName: 'givenName',
      surname: 'sn',
      displayName: 'displayName',
      mail: 'mail',
      aliases: null,
      title: 'title',
      department: 'ou',
      company: 'o',
      streetAddress: 'street',
      postalCode: 'postalCode',
      city: 'l',
      state: 'st',
      // `c` is known to every server and allowed by no class of a person: the customer's own class has to
      usageLocation: null,
      businessPhones: 'telephoneNumber',
      mobilePhone: 'mobile',
      employeeType: 'employeeType',
      employeeNumber: 'employeeNumber',
      manager: 'manager',
      sponsor: null,
    },
    derived: ({ user, givenName, surname, displayName }) => ({
      uid: [user],
      cn: [displayName ?? `${givenName} ${surname}`],
    }),
    accountAttributes: (disabled) => (disabled ? { [lockAttribute]: [lockedForGood] } : {}),
    opensWithoutPassword: true,
    aliasValue: (address) => address,
    mailAttributes: ['mail'],
    creatorAttribute: 'creatorsName',
  };
}
