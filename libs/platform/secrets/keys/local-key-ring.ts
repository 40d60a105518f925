import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { decrypt, encrypt } from '../authenticated-encryption.js';
import {
  KeyRingUnavailable,
  MasterKeyMissing,
  MasterKeyNotOurs,
  MasterKeysInvalid,
  WrappedKeyInvalid,
  type KeyRing,
  type WrappedKey,
} from './key-ring.js';
import { parseMasterKeys, withNewMasterKey, type MasterKey } from './master-keys.js';

export const LOCAL = 'local:';

/** Where a local ring's keys come from. */
interface KeySource {
  keys(): Promise<readonly MasterKey[]>;
  /** Puts a new key before the others; gives its id. */
  renew(used: readonly string[]): Promise<string>;
}

/** Master keys that this process holds in memory, by AES-256-GCM. */
export class LocalKeyRing implements KeyRing {
  private constructor(private readonly source: KeySource) {}

  /** Out of a file; a changed file is read anew before the next use, so that a new key needs no restart. */
  static fromFile(file: string): LocalKeyRing {
    return new LocalKeyRing(new KeyFile(file));
  }

  /** Out of a text, such as an environment variable. Throws `MasterKeysInvalid`. */
  static fromText(text: string, place: string): LocalKeyRing {
    const keys = parseMasterKeys(text, place);
    const renew = (used: readonly string[]) => {
      const { id } = withNewMasterKey(text, place, used);
      const advice = `Put a new key before the others in ${place}: "${id}:" and what openssl rand -base64 32 gives.`;
      return Promise.reject(new MasterKeyNotOurs(`${advice} Restart every program with it, then rotate again.`));
    };
    return new LocalKeyRing({ keys: () => Promise.resolve(keys), renew });
  }

  async current(): Promise<string> {
    return LOCAL + (await this.source.keys())[0]!.id;
  }

  async wrap(dataKey: Buffer, additional: Buffer): Promise<WrappedKey> {
    const [key] = await this.source.keys();
    return { keyId: LOCAL + key!.id, wrapped: encrypt(key!.bytes, dataKey, additional) };
  }

  async unwrap({ keyId, wrapped }: WrappedKey, additional: Buffer): Promise<Buffer> {
    const key = await this.find(keyId);
    if (!key) throw new MasterKeyMissing(`The master key ${keyId} is not here. Put it behind the others again.`);
    try {
      return decrypt(key.bytes, wrapped, additional);
    } catch (cause) {
      throw new WrappedKeyInvalid(`A key wrapped by ${keyId} does not open: it is damaged or of another place.`, {
        cause,
      });
    }
  }

  async rewrap(key: WrappedKey, additional: Buffer): Promise<WrappedKey> {
    return this.wrap(await this.unwrap(key, additional), additional);
  }

  async ids(): Promise<readonly string[]> {
    return (await this.source.keys()).map(({ id }) => LOCAL + id);
  }

  async renew(used: readonly string[] = []): Promise<string> {
    const ours = used.filter((id) => id.startsWith(LOCAL)).map((id) => id.slice(LOCAL.length));
    return LOCAL + (await this.source.renew(ours));
  }

  private async find(keyId: string): Promise<MasterKey | undefined> {
    return (await this.source.keys()).find(({ id }) => LOCAL + id === keyId);
  }
}

/** A file of keys. While it cannot be read, what was read last still counts. */
class KeyFile implements KeySource {
  private known: { readonly version: string; readonly keys: readonly MasterKey[] } | null = null;

  constructor(private readonly file: string) {}

  async keys(): Promise<readonly MasterKey[]> {
    try {
      const { mtimeMs, size, ino } = await stat(this.file);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (this.known?.version !== version)
        this.known = { version, keys: parseMasterKeys(await readFile(this.file, 'utf8'), this.file) };
      return this.known.keys;
    } catch (cause) {
      if (this.known) return this.known.keys;
      if (cause instanceof MasterKeysInvalid) throw cause;
      throw new KeyRingUnavailable(`The master keys cannot be read from ${this.file}. Put the file there.`, { cause });
    }
  }

  /** Whole or not at all, and on the disk before anything is wrapped by it. */
  async renew(used: readonly string[]): Promise<string> {
    const next = withNewMasterKey(await readFile(this.file, 'utf8'), this.file, used);
    const { mode } = await stat(this.file);
    const draft = `${this.file}.${randomUUID()}`;
    const handle = await open(draft, 'wx', mode & 0o777);
    try {
      await handle.writeFile(next.text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.file);
    return next.id;
  }
}
