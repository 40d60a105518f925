import { Client } from 'ldapts';
import type { DirectoryAccess } from './directory.js';

/** A write that the directory has carried out, from its own access log. */
export interface DirectoryWrite {
  /** Key and order of the write (`reqStart`); exact as an order, as a time only to about a second. */
  key: string;
  operation: 'add' | 'delete' | 'modify' | 'modrdn';
  dn: string;
  /** Who bound to do it. OpenLDAP's own notes of failed logins come under the root DN. */
  actor: string;
  /** `attribute:operator value` in the log's form, password values masked; a move names its new place. */
  changes: string[];
}

const serverKept =
  /^(entryCSN|modifiersName|modifyTimestamp|creatorsName|createTimestamp|structuralObjectClass|entryUUID):/;
const secret = /^(userPassword|pwdHistory):/;

/**
 * The successful writes of a directory in their order, counted by the directory itself and not by its clients. What
 * the overlays change in consequence (`manager` and `member` after a move) is not part of it.
 * @param options.after only the writes after this key.
 * @param options.actor only the writes of this bind DN.
 */
export async function readWrites(
  access: Pick<DirectoryAccess, 'url' | 'rootDn' | 'rootPassword'>,
  options: { after?: string; actor?: string } = {},
): Promise<DirectoryWrite[]> {
  const client = new Client({ url: access.url, connectTimeout: 5_000, timeout: 10_000 });
  try {
    await client.bind(access.rootDn, access.rootPassword);
    const { searchEntries } = await client.search('cn=accesslog', {
      scope: 'one',
      filter: '(objectClass=auditWriteObject)',
    });
    return searchEntries
      .map(toWrite)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .filter(({ key, actor }) => key > (options.after ?? '') && actor === (options.actor ?? actor));
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

function toWrite(entry: Record<string, unknown>): DirectoryWrite {
  const values = (name: string): string[] => [entry[name] ?? []].flat().map(String);
  const first = (name: string): string => values(name)[0] ?? '';
  const changes = values('reqMod').filter((change) => !serverKept.test(change));
  const move = [...values('reqNewRDN'), ...values('reqNewSuperior')].join(',');
  return {
    key: first('reqStart'),
    operation: first('reqType') as DirectoryWrite['operation'],
    dn: first('reqDN'),
    actor: first('reqAuthzID'),
    changes: [...changes.map(masked), ...(move === '' ? [] : [`newDN:= ${move}`])],
  };
}

const masked = (change: string): string => (secret.test(change) ? change.replace(/^(\w+:\S*) .*/s, '$1 ***') : change);
