import { isIP } from 'node:net';
import { Client, type Change, type Filter } from 'ldapts';
import { SystemUnreachable, SystemConfigInvalid } from '../errors.js';
import type { BlockContext } from '../block.js';
import { parseLdapConfig, type LdapConfig } from './ldap-config.js';
import { dialectOf, type DirectoryDialect } from './ldap-dialect.js';
import { LdapEntry, type Address } from './ldap-entry.js';
import { isUnmetCondition, LDAP, ldapCodeOf, toAppError, type LdapOperation } from './ldap-error-mapping.js';

const CONNECT_MS = 5_000;
const OPERATION_MS = 15_000;
const PAGE_SIZE = 500;

export interface SearchRequest {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter?: Filter;
  readonly attributes: readonly string[];
}

/** A bound connection to a customer's directory. Belongs to the call of `withDirectory` that opened it. */
export class DirectorySession {
  readonly dialect: DirectoryDialect;

  constructor(
    private readonly client: Client,
    readonly config: LdapConfig,
  ) {
    this.dialect = dialectOf(config);
  }

  /** Entries that match, none when the base does not exist. Identity and state come with every entry. */
  async search({ base, scope, filter, attributes }: SearchRequest): Promise<readonly LdapEntry[]> {
    try {
      const { searchEntries } = await this.perform('search', () =>
        this.client.search(base, {
          scope,
          ...(filter ? { filter } : {}),
          attributes: [...this.dialect.stateAttributes, ...attributes],
          explicitBufferAttributes: [...this.dialect.byteAttributes],
          paged: { pageSize: PAGE_SIZE },
        }),
      );
      return searchEntries.map((entry) => new LdapEntry(entry));
    } catch (error) {
      if (ldapCodeOf((error as Error).cause) === LDAP.noSuchObject) return [];
      throw error;
    }
  }

  /** Writes to an entry; false when it was not in the state that the address and the changes name. */
  modify(address: Address, changes: Change[], operation: LdapOperation = 'modify', secret?: string): Promise<boolean> {
    return this.write(operation, () => this.client.modify(address.dn, changes, address.controls), secret);
  }

  /** Moves or renames an entry; false as in `modify`. */
  move(address: Address, newDn: string): Promise<boolean> {
    return this.write('move', () => this.client.modifyDN(address.dn, newDn, address.controls));
  }

  /** Deletes an entry; false as in `modify`. */
  delete(address: Address): Promise<boolean> {
    return this.write('delete', () => this.client.del(address.dn, address.controls));
  }

  /** Adds an entry; false when its name is taken. */
  async add(dn: string, attributes: { readonly [name: string]: readonly string[] }): Promise<boolean> {
    const entry = Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]]));
    try {
      await this.perform('add', () => this.client.add(dn, entry));
      return true;
    } catch (error) {
      if (ldapCodeOf((error as Error).cause) === LDAP.entryAlreadyExists) return false;
      throw error;
    }
  }

  private async write(operation: LdapOperation, send: () => Promise<void>, secret?: string): Promise<boolean> {
    try {
      await this.perform(operation, send, secret);
      return true;
    } catch (error) {
      if (isUnmetCondition((error as Error).cause)) return false;
      throw error;
    }
  }

  private async perform<Result>(
    operation: LdapOperation,
    send: () => Promise<Result>,
    secret?: string,
  ): Promise<Result> {
    // ldapts would connect anew by itself: without our bind and, after StartTLS, without encryption.
    if (!this.client.isBound)
      throw new SystemUnreachable(`The connection to ${this.config.url} was lost. It is tried again.`);
    try {
      return await send();
    } catch (error) {
      throw toAppError(error, operation, this.config.url, secret);
    }
  }
}

/**
 * Opens a connection for one piece of work, bound with the system's credential, and closes it afterwards whatever
 * happens; when the context's signal aborts, at once. Throws `SystemUnreachable`, `TlsRefused`, `CredentialRefused` and
 * `SystemConfigInvalid`.
 */
export async function withDirectory<Result>(
  context: BlockContext,
  work: (directory: DirectorySession) => Promise<Result>,
): Promise<Result> {
  const { signal, system, secrets } = context;
  signal.throwIfAborted();
  const config = parseLdapConfig(system);
  if (system.secretRef === null)
    throw new SystemConfigInvalid(`The system ${system.name} names no secret for ${config.bindDn}.`);
  const password = await secrets.resolve(system.secretRef);
  const client = newClient(config);
  const cut = (): void => close(client);
  signal.addEventListener('abort', cut);
  try {
    await bind(client, config, config.bindDn, password);
    return await work(new DirectorySession(client, config));
  } catch (error) {
    // cut off on purpose: the broken connection is not the reason
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
    close(client);
  }
}

/** Whether the directory lets a user in with a password, tried on a connection of its own. */
export async function canSignIn(config: LdapConfig, dn: string, password: string): Promise<boolean> {
  const client = newClient(config);
  try {
    await bind(client, config, dn, password);
    return true;
  } catch (error) {
    if (ldapCodeOf((error as Error).cause) === LDAP.invalidCredentials) return false;
    throw error;
  } finally {
    close(client);
  }
}

function newClient({ url, ca, startTls }: LdapConfig): Client {
  const tlsOptions = url.startsWith('ldaps:') && ca !== null ? { tlsOptions: { ca } } : {};
  // ldapts takes `tlsOptions` for "TLS from the start", so that StartTLS gets its own.
  return new Client({ url, connectTimeout: CONNECT_MS, timeout: OPERATION_MS, ...(startTls ? {} : tlsOptions) });
}

async function bind(client: Client, config: LdapConfig, dn: string, password: string): Promise<void> {
  // An empty password is an anonymous bind, which succeeds and proves nothing (RFC 4513, 5.1.2).
  if (password === '') throw new SystemConfigInvalid(`The secret for ${dn} is empty.`);
  try {
    if (config.startTls) await startTls(client, config);
    await client.bind(dn, password);
  } catch (error) {
    throw toAppError(error, 'bind', config.url, password);
  }
}

async function startTls(client: Client, { url, ca }: LdapConfig): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  // ldapts writes the socket into these options: they must not be shared between connections.
  const options = { ...(ca === null ? {} : { ca }), host, ...(isIP(host) ? {} : { servername: host }) };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // ldapts waits for the handshake without limit
    timer = setTimeout(() => reject(new Error('Connection timeout')), CONNECT_MS + OPERATION_MS);
  });
  try {
    await Promise.race([client.startTLS(options), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes without waiting: nothing that the server could still say matters. */
function close(client: Client): void {
  client.unbind().catch(() => undefined);
}
