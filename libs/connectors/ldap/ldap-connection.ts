import type { Change, Filter } from 'ldapts';
import type { Effect } from '#libs/kernel';
import { ipVersion, openLdapClient, startLdapTls, type LdapClient } from '#libs/platform/outgoing';
import { SystemUnreachable, SystemConfigInvalid } from '../errors.js';
import type { BlockContext } from '../block.js';
import { bindData, passwordVerdict } from './active-directory-refusals.js';
import { parseLdapConfig, type LdapConfig } from './ldap-config.js';
import {
  controllersFor,
  destinationOf,
  hostOf,
  isPlanning,
  noteController,
  type Controller,
} from './ldap-controllers.js';
import { dialectOf, type DirectoryDialect } from './ldap-dialect.js';
import { LdapEntry, type Address } from './ldap-entry.js';
import { withPrivilegeNotes } from './ldap-privileges.js';
import { completed } from './ldap-ranges.js';
import { isUnmetCondition, LDAP, ldapCodeOf, toAppError, type LdapOperation } from './ldap-error-mapping.js';

const CONNECT_MS = 5_000;
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
    private readonly client: LdapClient,
    /** With the one server that this session speaks to. */
    readonly config: LdapConfig,
    /** What the server calls itself, where it tells: a domain controller's DNS name. */
    readonly serverName: string | null,
    /** Called with each answer. */
    private readonly answered: () => void = () => undefined,
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
      return await Promise.all(searchEntries.map((entry) => this.whole(new LdapEntry(entry))));
    } catch (error) {
      if (ldapCodeOf((error as Error).cause) === LDAP.noSuchObject) return [];
      throw error;
    }
  }

  /** Reads on where the server gave only a first part of an attribute's values. */
  private whole(entry: LdapEntry): Promise<LdapEntry> {
    return completed(entry, async (attribute) => {
      const attributes = [attribute];
      const { searchEntries } = await this.client.search(entry.dn, { scope: 'base', attributes });
      return searchEntries[0] ? new LdapEntry(searchEntries[0]) : null;
    });
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
      if (isUnmetCondition((error as Error).cause, operation)) return false;
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
      const answer = await send();
      this.answered();
      return answer;
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
  const opened = await openFirst(context, config, password);
  try {
    await secrets.signedIn(system.secretRef);
    const { client } = opened;
    const name = await nameOfServer(client, opened.config);
    const session = new DirectorySession(client, opened.config, name, () => context.progress?.());
    const result = await work(session);
    return isPlanning(context) ? await noted(session, result) : result;
  } catch (error) {
    // cut off on purpose: the broken connection is not the reason
    signal.throwIfAborted();
    throw error;
  } finally {
    opened.close();
  }
}

/** A plan tells of a privileged user, whatever block drew it. */
async function noted<Result>(session: DirectorySession, result: Result): Promise<Result> {
  return isEffect(result) ? ((await withPrivilegeNotes(session, result)) as Result & Effect) : result;
}

function isEffect(result: unknown): result is Effect {
  return typeof result === 'object' && result !== null && 'changes' in result && 'irreversible' in result;
}

interface Opened {
  readonly client: LdapClient;
  /** With the one server that answered. */
  readonly config: LdapConfig;
  close(): void;
}

/** Tries the directory's servers in their order until one answers, whatever it answers. */
async function openFirst(context: BlockContext, config: LdapConfig, password: string): Promise<Opened> {
  const controllers = await controllersFor(context, config.urls);
  context.signal.throwIfAborted();
  for (const [index, controller] of controllers.entries()) {
    try {
      return await open(context, at(config, controller), password, controller);
    } catch (error) {
      context.signal.throwIfAborted();
      const isLast = index === controllers.length - 1;
      if (isLast || !(error instanceof SystemUnreachable)) throw error;
    }
  }
  throw new SystemConfigInvalid(`The system ${context.system.name} names no server.`);
}

async function open(
  context: BlockContext,
  config: LdapConfig,
  password: string,
  controller: Controller,
): Promise<Opened> {
  const { signal } = context;
  const client = await connect(context, config);
  const cut = (): void => close(client);
  signal.addEventListener('abort', cut);
  const end = (): void => {
    signal.removeEventListener('abort', cut);
    close(client);
  };
  try {
    await bind(client, config, config.bindDn, password);
  } catch (error) {
    end();
    throw error;
  }
  noteController(context, controller);
  return { client, config, close: end };
}

/** The configuration as it is for one server. */
export function at(config: LdapConfig, { url, address }: Controller): LdapConfig {
  const host = hostOf(url);
  if (host === address) return { ...config, url };
  const place = new URL(url);
  const shown = ipVersion(address) === 6 ? `[${address}]` : address;
  const port = place.port === '' ? '' : `:${place.port}`;
  return { ...config, url: `${place.protocol}//${shown}${port}`, serverName: host };
}

/** What a domain controller calls itself: evidence of which one it was. */
async function nameOfServer(client: LdapClient, config: LdapConfig): Promise<string | null> {
  const attribute = dialectOf(config).serverNameAttribute;
  if (attribute === null) return null;
  try {
    const { searchEntries } = await client.search('', { scope: 'base', attributes: [attribute] });
    return searchEntries[0] ? new LdapEntry(searchEntries[0]).first(attribute) : null;
  } catch (error) {
    throw toAppError(error, 'search', config.url);
  }
}

/**
 * Whether a password is a user's, tried by a sign-in on a connection of its own; null when the server does not tell. A
 * domain controller says so also where it lets nobody in, for example before the first password was changed.
 */
export async function canSignIn(
  context: BlockContext,
  config: LdapConfig,
  dn: string,
  password: string,
): Promise<boolean | null> {
  const client = await connect(context, config);
  try {
    await bind(client, config, dn, password);
    return true;
  } catch (error) {
    const { cause } = error as { readonly cause?: Error };
    if (ldapCodeOf(cause) !== LDAP.invalidCredentials) throw error;
    const verdict = bindData(cause?.message ?? '') === null ? 'wrong' : passwordVerdict(cause?.message ?? '');
    return verdict === 'unknown' ? null : verdict === 'right';
  } finally {
    close(client);
  }
}

/** Connects to the one server that the configuration is of. */
export async function connect(
  { outgoing, signal }: Pick<BlockContext, 'outgoing' | 'signal'>,
  { url, ca, serverName, answerMs }: LdapConfig,
): Promise<LdapClient> {
  const { port, protocol } = destinationOf(url);
  const address = hostOf(url);
  try {
    const pinned = await outgoing.pin({ host: serverName ?? address, port, protocol }, address);
    return await openLdapClient(pinned, { url, ca, signal, connectMs: CONNECT_MS, operationMs: answerMs });
  } catch (error) {
    signal.throwIfAborted();
    throw toAppError(error, 'bind', url);
  }
}

export async function bind(client: LdapClient, config: LdapConfig, dn: string, password: string): Promise<void> {
  // An empty password is an anonymous bind, which succeeds and proves nothing (RFC 4513, 5.1.2).
  if (password === '') throw new SystemConfigInvalid(`The secret for ${dn} is empty.`);
  try {
    if (config.startTls) {
      const host = config.serverName ?? hostOf(config.url);
      await startLdapTls(client, host, { ca: config.ca, limitMs: CONNECT_MS + config.answerMs });
    }
    await client.bind(dn, password);
  } catch (error) {
    throw toAppError(error, 'bind', config.url, password);
  }
}

/** Closes without waiting: nothing that the server could still say matters. */
export function close(client: LdapClient): void {
  client.unbind().catch(() => undefined);
}
