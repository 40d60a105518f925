import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from '../authenticated-encryption.js';
import type { KeyRing } from './key-ring.js';

/** A value as it is kept: encrypted by a data key of its own, which a master key wraps. */
export interface Envelope {
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly ciphertext: Buffer;
}

/** AES-256-GCM with a new data key. The place goes along as additional data, so that a row copied elsewhere does not open. */
export async function seal(keys: KeyRing, value: string, place: readonly unknown[]): Promise<Envelope> {
  const additional = additionalOf(place);
  const dataKey = randomBytes(32);
  const { keyId, wrapped } = await keys.wrap(dataKey, additional);
  return { key_id: keyId, wrapped_key: wrapped, ciphertext: encrypt(dataKey, Buffer.from(value), additional) };
}

/** Opens what `seal` gave. Throws as `KeyRing.unwrap` does, and when the text is not of this place. */
export async function unseal(keys: KeyRing, envelope: Envelope, place: readonly unknown[]): Promise<string> {
  const additional = additionalOf(place);
  const { key_id: keyId, wrapped_key: wrapped, ciphertext } = envelope;
  return decrypt(await keys.unwrap({ keyId, wrapped }, additional), ciphertext, additional).toString();
}

/** What ties key and text to their place. */
export function additionalOf(place: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(place));
}
