import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { DirectoryWrite } from '../directory/access-log.js';
import type { WriteRequest } from '../gate/ldap-message.js';
import { sambaLog } from './samba-process.js';

/** A line of Samba's audit log (`dsdb_json_audit`), as far as it is read. */
interface AuditedChange {
  readonly operation: string;
  readonly statusCode: number;
  readonly dn: string;
  readonly userSid: string;
  /** Null for what the server does by itself, such as noting a logon. */
  readonly remoteAddress: string | null;
  readonly attributes?: Readonly<Record<string, { readonly actions: readonly AuditedAction[] }>>;
}

interface AuditedAction {
  readonly action: string;
  readonly redacted?: boolean;
  /** What is not ASCII comes in base 64. */
  readonly values?: readonly { readonly value?: string; readonly base64?: boolean }[];
}

const OPERATIONS: Readonly<Record<string, DirectoryWrite['operation']>> = {
  Add: 'add',
  Modify: 'modify',
  Delete: 'delete',
  Rename: 'modrdn',
};
const SIGNS: Readonly<Record<string, string>> = { add: '+', delete: '-', replace: '=' };

/**
 * Notes a move in the log of a domain's writes: Samba's audit log leaves out renames, so the gate tells of those that
 * were carried out. A move that does not come through the gate is not in the log.
 */
export function noteMove(dir: string, { dn, newDn = '' }: WriteRequest, userSid: string): void {
  const change = { operation: 'Rename', statusCode: 0, dn, userSid, remoteAddress: 'gate' };
  const actions = [{ action: 'replace', values: [{ value: newDn }] }];
  const line = { type: 'dsdbChange', dsdbChange: { ...change, attributes: { newDN: { actions } } } };
  appendFileSync(sambaLog(dir), `${JSON.stringify(line)}\n`);
}

/**
 * The successful writes of clients to a domain, in their order, as the server itself has logged them.
 * @param nameOf gives the DN of an actor's SID.
 */
export async function readAuditLog(
  dir: string,
  nameOf: (sid: string) => Promise<string>,
  options: { after?: string; actor?: string } = {},
): Promise<DirectoryWrite[]> {
  const writes: DirectoryWrite[] = [];
  for (const { key, change } of auditedChanges(dir)) {
    if (key <= (options.after ?? '')) continue;
    writes.push(toWrite(key, change, await nameOf(change.userSid)));
  }
  return writes.filter(({ actor }) => actor === (options.actor ?? actor));
}

function auditedChanges(dir: string): { key: string; change: AuditedChange }[] {
  const file = sambaLog(dir);
  if (!existsSync(file)) return [];
  // What follows the last line break is being written.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line, index) => {
    const change = line.startsWith('{') ? parsed(line) : undefined;
    const counts = change && change.statusCode === 0 && change.remoteAddress !== null;
    return counts ? [{ key: String(index + 1).padStart(12, '0'), change }] : [];
  });
}

function parsed(line: string): AuditedChange | undefined {
  return (JSON.parse(line) as { dsdbChange?: AuditedChange }).dsdbChange;
}

function toWrite(key: string, { operation, dn, attributes = {} }: AuditedChange, actor: string): DirectoryWrite {
  const changes = Object.entries(attributes).flatMap(([name, { actions }]) =>
    actions.flatMap((action) => changeLines(name, action)),
  );
  return { key, operation: OPERATIONS[operation] ?? 'modify', dn, actor, changes };
}

function changeLines(name: string, { action, redacted, values = [] }: AuditedAction): string[] {
  const sign = SIGNS[action] ?? '?';
  if (redacted === true) return [`${name}:${sign} ***`];
  // A name comes with its ids in front: <GUID=…>;<SID=…>;CN=…
  const shown = values.map(({ value = '', base64 }) =>
    (base64 === true ? Buffer.from(value, 'base64').toString() : value).replace(/^(<[^>]*>;)+/, ''),
  );
  return shown.length > 0 ? shown.map((value) => `${name}:${sign} ${value}`) : [`${name}:${sign}`];
}
