import { createHash } from 'node:crypto';

/** A person of a demo customer; all persons are made up. `manager` names another person's uid. */
export interface Person {
  uid: string;
  given: string;
  surname: string;
  title: string;
  department: string;
  manager?: string;
  hasMobile: boolean;
  /** Active Directory: the group that is the person's primary one instead of the domain's users. */
  primaryGroup?: string;
}

/** A group of a demo customer. `members` are uids; an empty list is kept up by the stand-in member. */
export interface Group {
  cn: string;
  description: string;
  members: readonly string[];
  /** Groups, by name, that are members of this one. They come earlier in the list. */
  groups?: readonly string[];
}

/** The readable form of a demo customer; `directoryEntries` turns it into LDAP entries. */
export interface Company {
  tenant: string;
  name: string;
  mailDomain: string;
  /** Numbers come from the ranges that the Bundesnetzagentur keeps free for stories, so nobody is ever called. */
  phonePrefix: string;
  firstEmployeeNumber: number;
  departmentNumbers: Readonly<Record<string, string>>;
  people: readonly Person[];
  groups: readonly Group[];
  /** Active Directory: who is in groups that every domain has, by the group's name: uids or names of groups. */
  builtIn?: Readonly<Record<string, readonly string[]>>;
}

/** A person from a line of data; the uid is `given.surname` in ASCII. */
export function person(name: string, title: string, department: string, manager?: string, hasMobile = false): Person {
  const [given = name, ...rest] = name.split(' ');
  const surname = rest.join(' ');
  const uid = `${toAscii(given)}.${toAscii(surname)}`;
  return { uid, given, surname, title, department, hasMobile, ...(manager === undefined ? {} : { manager }) };
}

/** The uids of everybody in the given departments, in the order of the list. */
export function membersOf(people: readonly Person[], ...departments: string[]): string[] {
  return people.filter((one) => departments.includes(one.department)).map((one) => one.uid);
}

/** The password that a person of the demo has at first: looks random, is the same in every sandbox. */
export function initialPassword(tenant: string, uid: string): string {
  return createHash('sha256').update(`stellwerk-sandbox:${tenant}:${uid}`).digest('base64url').slice(0, 20);
}

/** The same in a domain, whose policy wants characters of three kinds. */
export function initialDomainPassword(tenant: string, uid: string): string {
  return `Ad1-${initialPassword(tenant, uid)}`;
}

const transliterations: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  ı: 'i',
};

function toAscii(name: string): string {
  return name
    .toLowerCase()
    .replace(/[äöüßøłı]/g, (letter) => transliterations[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^a-z-]+/g, '-');
}
