import { Attribute, Change, type Client } from 'ldapts';
import { initialDomainPassword, type Company, type Person } from '../companies/company.model.js';
import { grantFullControl, grantMembers } from './delegation.js';

/** The names inside a customer's domain that others need to know. */
export interface DomainNames {
  baseDn: string;
  rootDn: string;
  /** The service account that Stellwerk binds with. */
  bindDn: string;
  peopleOu: string;
  leaversOu: string;
  groupsOu: string;
}

const ENABLED = '512';
const NEVER_EXPIRES = '66048';
const SECURITY_GROUP = '-2147483646';

/** The distinguished names of a customer's domain. */
export function domainNames(company: Company): DomainNames {
  const baseDn = `DC=${company.tenant},DC=example`;
  return {
    baseDn,
    rootDn: `CN=Administrator,CN=Users,${baseDn}`,
    bindDn: `CN=stellwerk,OU=services,${baseDn}`,
    peopleOu: `OU=people,${baseDn}`,
    leaversOu: `OU=leavers,${baseDn}`,
    groupsOu: `OU=groups,${baseDn}`,
  };
}

/** A password as `unicodePwd` takes it. */
export const domainPassword = (text: string): Buffer => Buffer.from(`"${text}"`, 'utf16le');

/**
 * Fills an empty domain with a company: units, service account, people, groups. The service account may do everything below
 * people, leavers and groups, write the members of the groups that everybody is in, and nothing else.
 * @param client bound as the domain's administrator
 */
export async function loadCompany(client: Client, company: Company, bindPassword: string): Promise<void> {
  const names = domainNames(company);
  for (const unit of ['services', 'people', 'leavers', 'groups'])
    await client.add(`OU=${unit},${names.baseDn}`, { objectClass: 'organizationalUnit' });
  const account = { sAMAccountName: 'stellwerk', userAccountControl: NEVER_EXPIRES };
  await addUser(client, names.bindDn, bindPassword, {
    ...account,
    description: 'Stellwerk: verwaltet Personen und Gruppen',
  });
  for (const one of company.people) await addPerson(client, company, one);
  for (const group of company.groups) await addGroup(client, company, group);
  for (const one of company.people) await moveToPrimaryGroup(client, company, one);
  for (const [group, members] of Object.entries(company.builtIn ?? {}))
    for (const member of members)
      await addMember(client, `CN=${group},CN=Users,${names.baseDn}`, memberDn(company, member));
  await delegate(client, names);
}

async function addPerson(client: Client, company: Company, person: Person): Promise<void> {
  const index = company.people.indexOf(person);
  const twoDigits = String(index + 10).padStart(2, '0');
  const password = initialDomainPassword(company.tenant, person.uid);
  await addUser(client, personDn(company, person), password, {
    sAMAccountName: person.uid,
    userPrincipalName: `${person.uid}@${company.mailDomain}`,
    userAccountControl: ENABLED,
    sn: person.surname,
    givenName: person.given,
    displayName: `${person.given} ${person.surname}`,
    mail: `${person.uid}@${company.mailDomain}`,
    title: person.title,
    department: person.department,
    company: company.name,
    employeeNumber: String(company.firstEmployeeNumber + index),
    telephoneNumber: `${company.phonePrefix}-1${twoDigits}`,
    ...(person.hasMobile ? { mobile: `+49 171 39200${twoDigits}` } : {}),
    ...(person.manager === undefined ? {} : { manager: memberDn(company, person.manager) }),
  });
}

async function addUser(client: Client, dn: string, password: string, values: Record<string, string>): Promise<void> {
  const attributes = Object.entries(values).map(([type, value]) => new Attribute({ type, values: [value] }));
  await client.add(dn, [
    new Attribute({ type: 'objectClass', values: ['user'] }),
    new Attribute({ type: 'unicodePwd', values: [domainPassword(password)] }),
    ...attributes,
  ]);
}

async function addGroup(client: Client, company: Company, group: Company['groups'][number]): Promise<void> {
  const { cn, description, members, groups = [] } = group;
  await client.add(memberDn(company, cn), {
    objectClass: 'group',
    sAMAccountName: cn,
    description,
    groupType: SECURITY_GROUP,
    ...(members.length + groups.length > 0
      ? { member: [...members, ...groups].map((name) => memberDn(company, name)) }
      : {}),
  });
}

/** Who gets another primary group stays a plain member of the domain's users (the server sees to that). */
async function moveToPrimaryGroup(client: Client, company: Company, person: Person): Promise<void> {
  if (person.primaryGroup === undefined) return;
  const sid = await sidOf(client, memberDn(company, person.primaryGroup));
  const values = [String(sid.readUInt32LE(sid.length - 4))];
  const modification = new Attribute({ type: 'primaryGroupID', values });
  await client.modify(personDn(company, person), new Change({ operation: 'replace', modification }));
}

async function addMember(client: Client, groupDn: string, member: string): Promise<void> {
  const modification = new Attribute({ type: 'member', values: [member] });
  await client.modify(groupDn, new Change({ operation: 'add', modification }));
}

async function delegate(client: Client, names: DomainNames): Promise<void> {
  const sid = await sidOf(client, names.bindDn);
  for (const unit of [names.peopleOu, names.leaversOu, names.groupsOu]) await grantFullControl(client, unit, sid);
  for (const group of ['Domain Users', 'Protected Users'])
    await grantMembers(client, `CN=${group},CN=Users,${names.baseDn}`, sid);
}

async function sidOf(client: Client, dn: string): Promise<Buffer> {
  const attribute = 'objectSid';
  const options = { scope: 'base' as const, attributes: [attribute], explicitBufferAttributes: [attribute] };
  const sid = (await client.search(dn, options)).searchEntries[0]?.[attribute];
  if (!Buffer.isBuffer(sid)) throw new Error(`${dn} has no SID`);
  return sid;
}

/** A person by uid or a group by name. */
function memberDn(company: Company, name: string): string {
  const person = company.people.find((one) => one.uid === name);
  return person ? personDn(company, person) : `CN=${name},${domainNames(company).groupsOu}`;
}

const personDn = (company: Company, { given, surname }: Person): string =>
  `CN=${given} ${surname},${domainNames(company).peopleOu}`;
