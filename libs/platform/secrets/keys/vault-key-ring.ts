import { systemClock } from '#libs/kernel';
import type { VaultConfig } from '../../config/index.js';
import { KeyRingUnavailable, MasterKeysInvalid, type KeyRing, type WrappedKey } from './key-ring.js';
import { VaultClient } from './vault-client.js';

export const VAULT = 'vault:';

/** How long what Vault said of the key's versions counts. */
const VERSIONS_MS = 30_000;

interface Versions {
  readonly latest: number;
  /** Older ones no longer open. */
  readonly leastToDecrypt: number;
}

/**
 * Master keys of HashiCorp Vault's transit secrets engine, which never leave it. The key must be a derived one: the place
 * goes along as `context`, out of which Vault derives the key. (`associated_data` would bind as well, but Vault's `rewrap`
 * does not take it, and a rotation would have to bring every data key here.)
 */
export class VaultKeyRing implements KeyRing {
  private readonly client: VaultClient;
  private readonly name: string;
  private versions: (Versions & { readonly until: number }) | null = null;

  constructor(
    private readonly config: VaultConfig,
    limitMs?: number,
  ) {
    this.client = new VaultClient(config, limitMs);
    this.name = `${config.mount}/${config.key}`;
  }

  async current(): Promise<string> {
    return this.idOf((await this.readVersions()).latest);
  }

  async wrap(dataKey: Buffer, additional: Buffer): Promise<WrappedKey> {
    // a key that is not derived would ignore the context
    await this.readVersions();
    const body = { plaintext: dataKey.toString('base64'), context: additional.toString('base64') };
    return this.wrappedIn(await this.client.call('POST', this.path('encrypt'), body));
  }

  async unwrap(key: WrappedKey, additional: Buffer): Promise<Buffer> {
    const body = { ciphertext: key.wrapped.toString('utf8'), context: additional.toString('base64') };
    const { plaintext } = await this.client.call('POST', this.path('decrypt'), body, { opens: true });
    if (typeof plaintext !== 'string') throw unreadable('decrypt');
    return Buffer.from(plaintext, 'base64');
  }

  /** Inside Vault: the data key does not come here. */
  async rewrap(key: WrappedKey, additional: Buffer): Promise<WrappedKey> {
    const body = { ciphertext: key.wrapped.toString('utf8'), context: additional.toString('base64') };
    return this.wrappedIn(await this.client.call('POST', this.path('rewrap'), body, { opens: true }));
  }

  async ids(): Promise<readonly string[]> {
    const { latest, leastToDecrypt } = await this.readVersions({ anew: true });
    return Array.from({ length: latest - leastToDecrypt + 1 }, (_, index) => this.idOf(leastToDecrypt + index));
  }

  async renew(): Promise<string> {
    await this.client.call('POST', `${this.config.mount}/keys/${this.config.key}/rotate`);
    return this.idOf((await this.readVersions({ anew: true })).latest);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Throws `MasterKeysInvalid` unless the key binds what it encrypts to its context. */
  private async readVersions({ anew = false } = {}): Promise<Versions> {
    const now = systemClock.now().getTime();
    if (!anew && this.versions && now < this.versions.until) return this.versions;
    const data = await this.client.call('GET', `${this.config.mount}/keys/${this.config.key}`);
    const { latest_version: latest, min_decryption_version: leastToDecrypt = 1, derived } = data;
    if (typeof latest !== 'number' || typeof leastToDecrypt !== 'number') throw unreadable('keys');
    if (derived !== true)
      throw new MasterKeysInvalid(
        `Vault's key ${this.name} is not derived. Create one by: vault write -f ${this.hint()}`,
      );
    this.versions = { latest, leastToDecrypt, until: now + VERSIONS_MS };
    return this.versions;
  }

  private wrappedIn({ ciphertext }: Readonly<Record<string, unknown>>): WrappedKey {
    const version = typeof ciphertext === 'string' ? /^vault:v(\d+):/.exec(ciphertext)?.[1] : undefined;
    if (version === undefined) throw unreadable('encrypt');
    return { keyId: this.idOf(Number(version)), wrapped: Buffer.from(ciphertext as string, 'utf8') };
  }

  private idOf(version: number): string {
    return `${VAULT}${this.name}/${version}`;
  }

  private path(verb: 'encrypt' | 'decrypt' | 'rewrap'): string {
    return `${this.config.mount}/${verb}/${this.config.key}`;
  }

  private hint(): string {
    return `${this.config.mount}/keys/${this.config.key} derived=true`;
  }
}

function unreadable(verb: string): KeyRingUnavailable {
  return new KeyRingUnavailable(`Vault's answer to ${verb} is not one of its transit engine. Check its address.`);
}
