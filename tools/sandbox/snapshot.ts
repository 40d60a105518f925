import { readFileSync } from 'node:fs';
import { Client } from 'ldapts';

export interface SnapshotSource {
  url: string;
  bindDn: string;
  password: string;
  baseDn: string;
  /** CA of an `ldaps` url. */
  caFile?: string;
}

/** A directory's entries by DN: attribute names to sorted values. */
export type DirectorySnapshot = Record<string, Record<string, string[]>>;

/** What every Active Directory says of itself (MS-ADTS 3.1.1.3.4.3.1). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
const DOMAIN_ENTRIES = '(|(objectCategory=person)(objectClass=group)(objectClass=organizationalUnit))';
/** What a domain controller keeps by itself or follows from the rest. */
const KEPT_BY_DOMAIN =
  /^(uSN|whenChanged|whenCreated|pwdLastSet|badP|lastLog|logonCount|lockoutTime|dSCorePropagationData|memberOf$|distinguishedName$|instanceType$)/i;

/**
 * All entries below `baseDn` with their user attributes and `pwdAccountLockedTime`, in a fixed order; of a domain its
 * persons, groups and units. Passwords and what the server keeps by itself (`modifyTimestamp`, `memberOf` …) are left out.
 */
export async function snapshotDirectory(source: SnapshotSource): Promise<DirectorySnapshot> {
  const { url, bindDn, password, baseDn, caFile } = source;
  const tlsOptions = caFile === undefined ? {} : { tlsOptions: { ca: [readFileSync(caFile)] } };
  const client = new Client({ url, connectTimeout: 5_000, timeout: 10_000, ...tlsOptions });
  try {
    await client.bind(bindDn, password);
    const isDomain = await isActiveDirectory(client);
    const { searchEntries } = await client.search(baseDn, {
      scope: 'sub',
      filter: isDomain ? DOMAIN_ENTRIES : '(objectClass=*)',
      attributes: ['*', 'pwdAccountLockedTime'],
    });
    return sortedRecord(searchEntries.map(({ dn, ...attributes }) => [dn, userAttributes(attributes)]));
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

async function isActiveDirectory(client: Client): Promise<boolean> {
  const attributes = ['supportedCapabilities'];
  const { searchEntries } = await client.search('', { scope: 'base', attributes });
  return [searchEntries[0]?.['supportedCapabilities']].flat().includes(ACTIVE_DIRECTORY);
}

/** What has changed from `before` to `after`, a line each; no lines when nothing has. A move is told as one. */
export function diffSnapshots(before: DirectorySnapshot, after: DirectorySnapshot): string[] {
  const removed = Object.keys(before).filter((dn) => !(dn in after));
  const added = Object.keys(after).filter((dn) => !(dn in before));
  const moves = new Map(removed.flatMap((dn) => pairMove(dn, added)));
  const movedTo = new Set(moves.values());
  return [
    ...[...moves].map(([from, to]) => `moved ${from} -> ${to}`),
    ...removed.filter((dn) => !moves.has(dn)).map((dn) => `removed ${dn}`),
    ...added.filter((dn) => !movedTo.has(dn)).map((dn) => `added ${dn}`),
    ...Object.entries(before).flatMap(([dn, attributes]) => {
      const now = moves.get(dn) ?? dn;
      return diffAttributes(now, attributes, after[now]);
    }),
  ];
}

// The same RDN in another place is taken for the same entry: entryUUID is operational and not in a snapshot.
function pairMove(dn: string, added: readonly string[]): [string, string][] {
  const rdn = dn.slice(0, dn.indexOf(','));
  const targets = added.filter((other) => other.slice(0, other.indexOf(',')) === rdn);
  const [target] = targets;
  return target !== undefined && targets.length === 1 ? [[dn, target]] : [];
}

function diffAttributes(
  dn: string,
  before: Record<string, string[]>,
  after: Record<string, string[]> | undefined,
): string[] {
  if (after === undefined) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name] ?? [], after[name] ?? []];
    const gone = old.filter((value) => !now.includes(value)).map((value) => `- ${value}`);
    const come = now.filter((value) => !old.includes(value)).map((value) => `+ ${value}`);
    return gone.length + come.length > 0 ? [`${dn}: ${name} ${[...gone, ...come].join(' ')}`] : [];
  });
}

function userAttributes(attributes: Record<string, unknown>): Record<string, string[]> {
  return sortedRecord(
    Object.entries(attributes)
      // ldapts gives an empty list for what was asked for and is not there, the `*` itself included.
      .filter(([name, value]) => name.toLowerCase() !== 'userpassword' && [value].flat().length > 0)
      .filter(([name]) => !KEPT_BY_DOMAIN.test(name))
      .map(([name, value]) => [name, [value].flat().map(String).sort()]),
  );
}

function sortedRecord<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
