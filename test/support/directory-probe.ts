import { Attribute, Change, Client } from 'ldapts';
import { snapshotDirectory, type Directory, type DirectorySnapshot } from '../../tools/sandbox/index.js';

/** Looks into a customer's directory and changes it as somebody else would, past Stellwerk. */
export class DirectoryProbe {
  constructor(private readonly directory: () => Directory) {}

  async asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { url, rootDn, rootPassword } = this.directory().access;
    const client = new Client({ url, timeout: 5_000, connectTimeout: 5_000 });
    await client.bind(rootDn, rootPassword);
    return work(client).finally(() => client.unbind());
  }

  dnOf(uid: string): string {
    return `uid=${uid},${this.directory().access.peopleOu}`;
  }

  replace(dn: string, type: string, values: string[]): Promise<void> {
    return this.asAdministrator((client) =>
      client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type, values }) })),
    );
  }

  snapshot(): Promise<DirectorySnapshot> {
    const { url, rootDn, rootPassword, baseDn } = this.directory().access;
    return snapshotDirectory({ url, bindDn: rootDn, password: rootPassword, baseDn });
  }

  async entryOf(uid: string): Promise<{ dn: string; [attribute: string]: string[] | string }> {
    const found = Object.entries(await this.snapshot()).find(([, entry]) => entry['uid']?.[0] === uid);
    if (!found) throw new Error(`${uid} is not in the directory`);
    return { ...found[1], dn: found[0] };
  }
}
