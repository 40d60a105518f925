import type { Development } from '../demo/development.js';
import type { DirectoryWrite, ReceivedCall, ReceivedMail } from '../sandbox/index.js';
import { TENANT } from './leavers.js';

/** An effect as its receiver recorded it. Two of the same name are the same effect, twice. */
export interface RecordedEffect {
  readonly kind: 'directory' | 'password' | 'mail' | 'call';
  /** The leaver it is about. */
  readonly user: string;
  readonly name: string;
  /** The step that it carries in itself: `<run>/<step>`; null in the directory, which knows of no runs. */
  readonly step: string | null;
}

/** What the directory, the mail server and the HTTP receiver recorded; none of it comes from our tables. */
export async function readEffects(development: Development): Promise<RecordedEffect[]> {
  const { sandbox } = development;
  const writes = await read<DirectoryWrite[]>(`${sandbox}/directory/${TENANT}/writes`);
  const mails = await read<ReceivedMail[]>(`${sandbox}/mails`);
  const calls = await read<ReceivedCall[]>(`${sandbox}/hooks?name=chaos`);
  return [...writes.filter(isByService).flatMap(ofWrite), ...mails.flatMap(ofMail), ...calls.map(ofCall)];
}

function isByService({ actor }: DirectoryWrite): boolean {
  return actor.startsWith('cn=stellwerk,');
}

const KEPT_BY_THE_SERVER = new Set(['pwdChangedTime', 'pwdHistory']);

/** One effect for each attribute that a successful write changes, in a group for each person. */
export function ofWrite({ dn, operation, changes }: DirectoryWrite): RecordedEffect[] {
  const user = userOf(dn);
  const attributes = changes.map((change) => change.slice(0, change.indexOf(':')));
  // what else such a write names only keeps an existing lock in its place
  if (attributes.includes('userPassword') && user !== null)
    return [{ kind: 'password', user, name: `${user} userPassword`, step: null }];
  if (user === null) return changes.flatMap((change) => ofMembership(dn, change));
  const changed = [...new Set(attributes)].filter((name) => !KEPT_BY_THE_SERVER.has(name));
  const names = changed.length > 0 ? changed : [operation];
  return names.map((name) => ({ kind: 'directory', user, name: `${user} ${name}`, step: null }));
}

function ofMembership(group: string, change: string): RecordedEffect[] {
  const [, sign, member = ''] = /^member:([+-]) (.*)$/.exec(change) ?? [];
  const user = userOf(member);
  return user === null ? [] : [{ kind: 'directory', user, name: `${group} member${sign} ${user}`, step: null }];
}

function userOf(dn: string): string | null {
  return /^uid=([^,]+),/.exec(dn)?.[1] ?? null;
}

/** A mail for each recipient, `hr.<leaver>@…`; a repeat carries the same Message-ID, `<run.step@…>`. */
export function ofMail({ to, messageId }: Pick<ReceivedMail, 'to' | 'messageId'>): RecordedEffect[] {
  const [, run, step] = /^<([^.]+)\.(.+)@[^@]+>$/.exec(messageId) ?? [];
  const named = run === undefined ? null : `${run}/${step}`;
  return to.map((address) => ({
    kind: 'mail',
    user: /^hr\.(.+)@/.exec(address)?.[1] ?? address,
    name: `mail ${messageId} to ${address}`,
    step: named,
  }));
}

/** A call; a repeat carries the same Idempotency-Key, `<tenant>/<run>/<step>`. */
export function ofCall({ path, headers }: Pick<ReceivedCall, 'path' | 'headers'>): RecordedEffect {
  const key = String(headers['idempotency-key'] ?? 'none');
  return {
    kind: 'call',
    user: path.split('/').at(-1)!,
    name: `call ${key}`,
    step: key.slice(key.indexOf('/') + 1),
  };
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return (await response.json()) as T;
}
