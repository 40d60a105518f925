import { readFileSync } from 'node:fs';
import { Attribute, Client } from 'ldapts';
import type { JsonObject } from '#libs/kernel';
import { startDomain, type Domain, type DirectoryWrite } from '../../../tools/sandbox/index.js';
import { testStack } from '../../support/test-stack.js';
import { change, read, Resources } from '../sandbox/sandbox-fixture.js';
import { Customer } from './block-context.js';

const ENABLED = '512';
const SECURITY_GROUP = '-2147483646';

/** A real domain controller of its own for one test file, with the second customer's people in it. */
export class DomainFixture {
  private constructor(
    readonly domain: Domain,
    readonly root: Client,
    readonly customer: Customer,
    readonly resources: Resources,
  ) {}

  static async start(): Promise<DomainFixture> {
    const resources = new Resources();
    const { sambaRoot, sambaTemplate } = testStack();
    const domain = resources.add(await startDomain({ dir: resources.folder(), sambaRoot, sambaTemplate }), (running) =>
      running.stop(),
    );
    return new DomainFixture(domain, await resources.root(domain.access), domainCustomer(domain), resources);
  }

  stop(): Promise<void> {
    return this.resources.cleanUp();
  }

  get access() {
    return this.domain.access;
  }

  personDn(name: string, unit = this.access.peopleOu): string {
    return `CN=${name},${unit}`;
  }

  groupDn(name: string): string {
    return `CN=${name},${this.access.groupsOu}`;
  }

  builtIn(name: string, container = 'Users'): string {
    return `CN=${name},CN=${container},${this.access.baseDn}`;
  }

  async addPerson(login: string, more: Record<string, string> = {}): Promise<string> {
    const dn = this.personDn(login);
    const attributes = { sAMAccountName: login, userAccountControl: ENABLED, ...more };
    await this.root.add(dn, [
      new Attribute({ type: 'objectClass', values: ['user'] }),
      new Attribute({ type: 'unicodePwd', values: [passwordValue('Initial-Passw0rd')] }),
      ...Object.entries(attributes).map(([type, value]) => new Attribute({ type, values: [value] })),
    ]);
    return dn;
  }

  async addGroup(name: string, ...members: string[]): Promise<string> {
    const attributes = { objectClass: 'group', sAMAccountName: name, groupType: SECURITY_GROUP };
    await this.root.add(this.groupDn(name), { ...attributes, ...(members.length > 0 ? { member: members } : {}) });
    return this.groupDn(name);
  }

  async primaryGroupNumber(groupDn: string): Promise<string> {
    const attributes = ['objectSid'];
    const options = { scope: 'base' as const, attributes, explicitBufferAttributes: attributes };
    const sid = (await this.root.search(groupDn, options)).searchEntries[0]!['objectSid'] as Buffer;
    return String(sid.readUInt32LE(sid.length - 4));
  }

  values(dn: string, attribute: string): Promise<string[]> {
    return read(this.root, dn, attribute);
  }

  set(dn: string, attribute: string, ...values: string[]): Promise<void> {
    return this.root.modify(dn, change('replace', attribute, ...values));
  }

  setPassword(dn: string, password: string): Promise<void> {
    return this.root.modify(dn, change('replace', 'unicodePwd', passwordValue(password) as unknown as string));
  }

  /** What the domain controller answers to a sign-in: `in`, or the number that it gives as the reason. */
  async signIn(dn: string, password: string): Promise<string> {
    const client = this.resources.client(this.access, 'plain');
    try {
      await client.bind(dn, password);
      return 'in';
    } catch (error) {
      return /data ([0-9a-f]+)/.exec(String(error))?.[1] ?? String(error);
    }
  }

  /** Stellwerk's own writes while `work` runs, counted by the domain controller. */
  async writesDuring(work: () => Promise<unknown>): Promise<DirectoryWrite[]> {
    const after = (await this.domain.writes()).at(-1)?.key;
    await work();
    return this.domain.writes({ actor: this.access.bindDn, ...(after === undefined ? {} : { after }) });
  }
}

/** A customer whose directory is the domain, as Stellwerk's configuration describes it. */
export function domainCustomer({ access }: Pick<Domain, 'access'>, config: JsonObject = {}): Customer {
  const { ldaps, bindDn, bindPassword, baseDn, peopleOu, leaversOu, caFile } = access;
  const customer = new Customer({
    tenant: 'nordlicht',
    name: 'directory',
    kind: 'ldap',
    config: {
      url: ldaps,
      caPem: readFileSync(caFile, 'utf8'),
      bindDn,
      baseDn,
      peopleOu,
      leaversOu,
      dialect: 'active-directory',
      ...config,
    },
    secretRef: 'secret://directory-bind',
  });
  customer.secrets.set('secret://directory-bind', bindPassword);
  return customer;
}

/** A password as `unicodePwd` takes it. */
export const passwordValue = (text: string): Buffer => Buffer.from(`"${text}"`, 'utf16le');
