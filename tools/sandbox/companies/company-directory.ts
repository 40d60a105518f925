import { createHash } from 'node:crypto';
import { systemClock } from '#libs/kernel';
import { MAILBOX_CLASS } from '../directory/mailbox-schema.js';
import { initialPassword, type Company, type Group, type Person } from './company.model.js';

/** The names inside a customer's directory that others need to know. */
export interface DirectoryNames {
  baseDn: string;
  rootDn: string;
  /** The service account that Stellwerk binds with. */
  bindDn: string;
  /** Member of groups that have no member of their own: a `groupOfNames` may not be empty. */
  standInMember: string;
  peopleOu: string;
  leaversOu: string;
  groupsOu: string;
  defaultPolicy: string;
  servicePolicy: string;
}

/** An LDAP entry as it is loaded into an empty directory. */
export interface DirectoryEntry {
  dn: string;
  attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** The distinguished names of a customer's directory. */
export function directoryNames(company: Company): DirectoryNames {
  const baseDn = `dc=${company.tenant},dc=example`;
  return {
    baseDn,
    rootDn: `cn=admin,${baseDn}`,
    bindDn: `cn=stellwerk,ou=services,${baseDn}`,
    standInMember: `cn=nobody,ou=services,${baseDn}`,
    peopleOu: `ou=people,${baseDn}`,
    leaversOu: `ou=leavers,${baseDn}`,
    groupsOu: `ou=groups,${baseDn}`,
    defaultPolicy: `cn=default,ou=policies,${baseDn}`,
    servicePolicy: `cn=services,ou=policies,${baseDn}`,
  };
}

/**
 * All entries of a customer's directory, parents first, for a load below the server (`slapadd`). What the overlays
 * would keep themselves (`memberOf`, `pwdChangedTime`) is therefore part of the entries.
 */
export function directoryEntries(company: Company, bindPassword: string, at = systemClock.now()): DirectoryEntry[] {
  const names = directoryNames(company);
  const unit = (dn: string): DirectoryEntry => ({
    dn,
    attributes: { objectClass: 'organizationalUnit', ou: dn.slice('ou='.length, dn.indexOf(',')) },
  });
  return [
    {
      dn: names.baseDn,
      attributes: { objectClass: ['organization', 'dcObject'], o: company.name, dc: company.tenant },
    },
    unit(`ou=policies,${names.baseDn}`),
    ...policies(names),
    unit(`ou=services,${names.baseDn}`),
    serviceAccount(names, bindPassword, at),
    standIn(company, names),
    unit(names.peopleOu),
    ...company.people.map((one, index) => personEntry(company, names, one, index, at)),
    unit(names.leaversOu),
    unit(names.groupsOu),
    ...company.groups.map((group) => groupEntry(names, group)),
  ];
}

/** Entries as LDIF (RFC 2849). */
export function toLdif(entries: readonly DirectoryEntry[]): string {
  return entries
    .map(({ dn, attributes }) => {
      const values = Object.entries(attributes).flatMap(([type, value]) =>
        [value].flat().map((one) => ldifLine(type, one)),
      );
      return [ldifLine('dn', dn), ...values, ''].join('\n');
    })
    .join('\n');
}

function personEntry(company: Company, names: DirectoryNames, person: Person, index: number, at: Date): DirectoryEntry {
  const twoDigits = String(index + 10).padStart(2, '0');
  const attributes = {
    objectClass: ['inetOrgPerson', MAILBOX_CLASS],
    uid: person.uid,
    cn: `${person.given} ${person.surname}`,
    sn: person.surname,
    givenName: person.given,
    displayName: `${person.given} ${person.surname}`,
    mail: `${person.uid}@${company.mailDomain}`,
    title: person.title,
    ou: person.department,
    departmentNumber: company.departmentNumbers[person.department] ?? '0',
    employeeNumber: String(company.firstEmployeeNumber + index),
    telephoneNumber: `${company.phonePrefix}-1${twoDigits}`,
    ...(person.hasMobile ? { mobile: `+49 171 39200${twoDigits}` } : {}),
    ...(person.manager === undefined ? {} : { manager: personDn(names, person.manager) }),
    ...memberOf(company, names, person.uid),
    userPassword: saltedHash(initialPassword(company.tenant, person.uid), person.uid),
    pwdChangedTime: generalizedTime(at),
  };
  return { dn: personDn(names, person.uid), attributes };
}

function groupEntry(names: DirectoryNames, group: Group): DirectoryEntry {
  const groups = (group.groups ?? []).map((cn) => groupDn(names, cn));
  const members = [...group.members.map((uid) => personDn(names, uid)), ...groups];
  return {
    dn: groupDn(names, group.cn),
    attributes: {
      objectClass: 'groupOfNames',
      cn: group.cn,
      description: group.description,
      member: members.length > 0 ? members : [names.standInMember],
    },
  };
}

function serviceAccount(names: DirectoryNames, password: string, at: Date): DirectoryEntry {
  return {
    dn: names.bindDn,
    attributes: {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: 'stellwerk',
      description: 'Stellwerk: verwaltet Personen und Gruppen',
      userPassword: saltedHash(password, names.bindDn),
      pwdChangedTime: generalizedTime(at),
      pwdPolicySubentry: names.servicePolicy,
    },
  };
}

function standIn(company: Company, names: DirectoryNames): DirectoryEntry {
  const empty = company.groups.filter(({ members, groups = [] }) => members.length + groups.length === 0);
  return {
    dn: names.standInMember,
    attributes: {
      objectClass: 'organizationalRole',
      cn: 'nobody',
      description: 'Platzhalter für Gruppen ohne Mitglied',
      ...(empty.length > 0 ? { memberOf: empty.map((group) => groupDn(names, group.cn)) } : {}),
    },
  };
}

function policies(names: DirectoryNames): DirectoryEntry[] {
  const policy = (dn: string, cn: string, settings: Record<string, string>): DirectoryEntry => ({
    dn,
    attributes: {
      objectClass: ['applicationProcess', 'pwdPolicy'],
      cn,
      pwdAttribute: 'userPassword',
      pwdCheckQuality: '2',
      pwdMinLength: '12',
      pwdAllowUserChange: 'TRUE',
      ...settings,
    },
  });
  return [
    policy(names.defaultPolicy, 'default', {
      pwdInHistory: '5',
      pwdLockout: 'TRUE',
      pwdMaxFailure: '5',
      pwdLockoutDuration: '900',
      // whoever is given a password chooses their own at the first sign-in
      pwdMustChange: 'TRUE',
      pwdFailureCountInterval: '900',
    }),
    // A run with a wrong password must not lock the service account and with it every other run.
    policy(names.servicePolicy, 'services', { pwdLockout: 'FALSE' }),
  ];
}

function memberOf(company: Company, names: DirectoryNames, uid: string): { memberOf?: string[] } {
  const groups = company.groups.filter((group) => group.members.includes(uid));
  return groups.length > 0 ? { memberOf: groups.map((group) => groupDn(names, group.cn)) } : {};
}

const personDn = (names: DirectoryNames, uid: string): string => `uid=${uid},${names.peopleOu}`;
const groupDn = (names: DirectoryNames, cn: string): string => `cn=${cn},${names.groupsOu}`;
const generalizedTime = (at: Date): string => at.toISOString().replace(/[-:T]|\.\d+/g, '');

/** OpenLDAP's `{SSHA}` form, which the server also writes itself; the salt may repeat in a demo. */
function saltedHash(password: string, saltSource: string): string {
  const salt = createHash('sha256').update(saltSource).digest().subarray(0, 8);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

function ldifLine(type: string, value: string): string {
  const isSafe = /^[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*$/.test(value) && !value.endsWith(' ');
  return isSafe ? `${type}: ${value}` : `${type}:: ${Buffer.from(value).toString('base64')}`;
}
