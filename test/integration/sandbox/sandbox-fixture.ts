import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import type { CommonAccess } from '../../../tools/sandbox/index.js';

/** The unpacked slapd of the test stack. @throws Error that says how to get one. */
export function slapdRoot(): string {
  const file = process.env['STELLWERK_TEST_STACK'] ?? '';
  if (!existsSync(file)) throw new Error('STELLWERK_TEST_STACK does not name the JSON file of a test stack: set it up');
  const stack = JSON.parse(readFileSync(file, 'utf8')) as { slapdRoot?: string };
  if (stack.slapdRoot === undefined)
    throw new Error(`${file} has no slapdRoot: the test stack was set up without slapd`);
  return stack.slapdRoot;
}

/** What a test file opens, closed in reverse order by `cleanUp`. */
export class Resources {
  private readonly closers: (() => unknown)[] = [];

  add<Resource>(resource: Resource, close: (resource: Resource) => unknown): Resource {
    this.closers.unshift(() => close(resource));
    return resource;
  }

  folder(): string {
    return this.add(mkdtempSync(join(tmpdir(), 'stellwerk-sandbox-')), (dir) =>
      rmSync(dir, { recursive: true, force: true }),
    );
  }

  client(access: CommonAccess, by: 'gate' | 'plain' = 'gate'): Client {
    const url = by === 'gate' ? access.ldaps : access.url;
    const tls = url.startsWith('ldaps:') ? { tlsOptions: { ca: [readFileSync(access.caFile)] } } : {};
    return this.add(new Client({ url, connectTimeout: 5_000, timeout: 10_000, ...tls }), (client) =>
      client.unbind().catch(() => undefined),
    );
  }

  /** A client bound as Stellwerk's service account through the gate. */
  async service(access: CommonAccess): Promise<Client> {
    const client = this.client(access);
    await client.bind(access.bindDn, access.bindPassword);
    return client;
  }

  /** A client bound as the root DN past the gate, for reading back. */
  async root(access: CommonAccess): Promise<Client> {
    const client = this.client(access, 'plain');
    await client.bind(access.rootDn, access.rootPassword);
    return client;
  }

  async cleanUp(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
  }
}

export function change(operation: 'add' | 'delete' | 'replace', type: string, ...values: string[]): Change {
  return new Change({ operation, modification: new Attribute({ type, values }) });
}

/** The values of one attribute of one entry. */
export async function read(client: Client, dn: string, attribute: string): Promise<string[]> {
  const { searchEntries } = await client.search(dn, { scope: 'base', attributes: [attribute] });
  return [searchEntries[0]?.[attribute] ?? []].flat().map(String);
}

/**
 * The values of an attribute once they are what is expected, or what they are after five seconds. For what OpenLDAP's
 * refint overlay changes: it does so some milliseconds after the answer.
 */
export async function readUntil(client: Client, dn: string, attribute: string, expected: string[]): Promise<string[]> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const values = await read(client, dn, attribute);
    if (isDeepStrictEqual(values, expected) || performance.now() > deadline) return values;
    await delay(5);
  }
}
