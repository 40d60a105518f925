import process from 'node:process';
import { snapshotDirectory, type DirectorySnapshot } from '../sandbox/index.js';
import type { Development } from './development.js';

export const TENANT = 'muster';

/** An entry of the directory as it was read. */
export interface ReadEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, string[]>>;
}

/** What a demo reads and touches directly, beside Stellwerk: the customer's directory and the sandbox's controls. */
export class DemoSystem {
  constructor(private readonly development: Development) {}

  readDirectory(): Promise<DirectorySnapshot> {
    const { url, bindDn, password, baseDn } = this.development.directories[TENANT]!;
    return snapshotDirectory({ url, bindDn, password, baseDn });
  }

  /** The gate in front of the directory, which can hold answers back. */
  gate<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.json<T>(`${this.development.sandbox}/gate/${TENANT}/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  }

  /** The texts of the mails that somebody received, the newest last. */
  async mailsTo(address: string): Promise<readonly { readonly text: string; readonly subject: string }[]> {
    return this.json(`${this.development.mail.received}?to=${encodeURIComponent(address)}`);
  }

  async json<T>(url: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(url, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${url} answered ${response.status}: ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }
}

/** The entry with a user name. */
export function entryOf(snapshot: DirectorySnapshot, user: string): ReadEntry | null {
  const found = Object.entries(snapshot).find(([, attributes]) => attributes['uid']?.[0] === user);
  return found ? { dn: found[0], attributes: found[1] } : null;
}

/** The names of the groups that have an entry as their member. */
export function groupsOf(snapshot: DirectorySnapshot, dn: string): readonly string[] {
  const isMember = (attributes: Record<string, string[]>): boolean =>
    (attributes['member'] ?? []).some((member) => member.toLowerCase() === dn.toLowerCase());
  return Object.values(snapshot)
    .filter(isMember)
    .flatMap((attributes) => attributes['cn'] ?? [])
    .sort();
}

export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}; npm run demo does.`);
  return value;
}
