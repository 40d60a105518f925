import type { MasterKeysConfig } from '../../config/index.js';
import { MasterKeyMissing, type KeyRing, type WrappedKey } from './key-ring.js';
import { LocalKeyRing, LOCAL } from './local-key-ring.js';
import { VAULT, VaultKeyRing } from './vault-key-ring.js';

/** The ring that is configured. With Vault and local keys both, Vault wraps; what the local keys wrapped still opens. */
export function openKeyRing({ file, text, vault }: MasterKeysConfig): KeyRing {
  const local =
    file === null
      ? text === null
        ? null
        : LocalKeyRing.fromText(text, 'STELLWERK_MASTER_KEY')
      : LocalKeyRing.fromFile(file);
  if (vault === null) return local!;
  const ring = new VaultKeyRing(vault);
  return local ? new JoinedKeyRing(ring, { [VAULT]: ring, [LOCAL]: local }) : ring;
}

/** Several rings: one wraps, each opens what it wrapped. */
export class JoinedKeyRing implements KeyRing {
  constructor(
    private readonly wrapping: KeyRing,
    private readonly byPrefix: Readonly<Record<string, KeyRing>>,
  ) {}

  current(): Promise<string> {
    return this.wrapping.current();
  }

  wrap(dataKey: Buffer, additional: Buffer): Promise<WrappedKey> {
    return this.wrapping.wrap(dataKey, additional);
  }

  unwrap(key: WrappedKey, additional: Buffer): Promise<Buffer> {
    return this.ringOf(key.keyId).unwrap(key, additional);
  }

  async rewrap(key: WrappedKey, additional: Buffer): Promise<WrappedKey> {
    const ring = this.ringOf(key.keyId);
    if (ring === this.wrapping) return ring.rewrap(key, additional);
    return this.wrapping.wrap(await ring.unwrap(key, additional), additional);
  }

  async ids(): Promise<readonly string[]> {
    return (await Promise.all(Object.values(this.byPrefix).map((ring) => ring.ids()))).flat();
  }

  renew(used?: readonly string[]): Promise<string> {
    return this.wrapping.renew(used);
  }

  private ringOf(keyId: string): KeyRing {
    const ring = this.find(keyId);
    if (!ring) throw new MasterKeyMissing(`The master key ${keyId} is not here. Configure where it is, too.`);
    return ring;
  }

  private find(keyId: string): KeyRing | undefined {
    return Object.entries(this.byPrefix).find(([prefix]) => keyId.startsWith(prefix))?.[1];
  }
}
