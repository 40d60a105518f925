import { Client } from 'ldapts';
import { escapeDnValue } from '../../../libs/connectors/ldap/ldap-dn.js';
import { readWrites, startDirectory, type Directory, type DirectoryWrite } from '../../../tools/sandbox/index.js';
import { read, Resources, slapdRoot } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer, type Customer } from './block-context.js';

/** Login names that break code which builds filters or DNs by hand. */
export const AWKWARD_LOGINS = [
  'änne.müßig',
  'o’brien, pat (ext)',
  'back\\slash',
  'star*(uid=*)',
  '#x+y="z"<>;',
  'trail\\',
];

/** A real directory of its own for one test file. */
export class DirectoryFixture {
  private constructor(
    readonly directory: Directory,
    readonly root: Client,
    readonly customer: Customer,
    private readonly resources: Resources,
  ) {}

  static async start(): Promise<DirectoryFixture> {
    const resources = new Resources();
    const directory = resources.add(
      await startDirectory({ dir: resources.folder(), slapdRoot: slapdRoot() }),
      (running) => running.stop(),
    );
    return new DirectoryFixture(
      directory,
      await resources.root(directory.access),
      directoryCustomer(directory.access),
      resources,
    );
  }

  stop(): Promise<void> {
    return this.resources.cleanUp();
  }

  get access() {
    return this.directory.access;
  }

  personDn(login: string, unit = this.access.peopleOu): string {
    return `uid=${escapeDnValue(login)},${unit}`;
  }

  groupDn(cn: string): string {
    return `cn=${cn},${this.access.groupsOu}`;
  }

  /** Adds a person with a password that the policy likes, and gives the DN as the server writes it. */
  async addPerson(
    login: string,
    { unit = this.access.peopleOu, password = 'Initial-passw0rd-1' } = {},
  ): Promise<string> {
    const dn = this.personDn(login, unit);
    const attributes = { objectClass: ['inetOrgPerson'], uid: login, cn: login, sn: 'Test', userPassword: password };
    await this.root.add(dn, attributes);
    return this.dnOf(await this.idOf(dn));
  }

  async addGroup(cn: string, ...members: string[]): Promise<string> {
    await this.root.add(this.groupDn(cn), { objectClass: ['groupOfNames'], cn, member: members });
    return this.groupDn(cn);
  }

  async idOf(dn: string): Promise<string> {
    return (await read(this.root, dn, 'entryUUID'))[0] ?? '';
  }

  async dnOf(id: string): Promise<string> {
    const { searchEntries } = await this.root.search(this.access.baseDn, {
      filter: `(entryUUID=${id})`,
      attributes: ['1.1'],
    });
    return searchEntries[0]?.dn ?? '';
  }

  values(dn: string, attribute: string): Promise<string[]> {
    return read(this.root, dn, attribute);
  }

  async canSignIn(dn: string, password: string): Promise<boolean> {
    const client = new Client({ url: this.access.url, connectTimeout: 5_000, timeout: 5_000 });
    try {
      await client.bind(dn, password);
      return true;
    } catch {
      return false;
    } finally {
      await client.unbind();
    }
  }

  /** Stellwerk's own writes while `work` runs, counted by the directory. */
  async writesDuring(work: () => Promise<unknown>): Promise<DirectoryWrite[]> {
    const actor = this.access.bindDn;
    const after = (await readWrites(this.access, {})).at(-1)?.key;
    await work();
    return readWrites(this.access, { actor, ...(after === undefined ? {} : { after }) });
  }
}
