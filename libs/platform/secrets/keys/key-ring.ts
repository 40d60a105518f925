import { AppError } from '#libs/kernel';

/** A data key as it is kept: wrapped by the master key that `keyId` names. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/**
 * Wraps data keys by a master key that never leaves it. `additional` ties a wrapped key to its place: it only opens with the
 * same one. Ids of master keys are `local:<id>` and `vault:<mount>/<name>/<version>`; what an older one wrapped still opens.
 *
 * Every method throws `KeyRingUnavailable` while the ring's server cannot be asked.
 */
export interface KeyRing {
  /** The master key that wraps from now on. */
  current(): Promise<string>;
  wrap(dataKey: Buffer, additional: Buffer): Promise<WrappedKey>;
  /** Throws `MasterKeyMissing`, or `WrappedKeyInvalid` when key or place are not the ones it was wrapped with. */
  unwrap(key: WrappedKey, additional: Buffer): Promise<Buffer>;
  /** The same data key, wrapped by the current master key. Throws as `unwrap` does. */
  rewrap(key: WrappedKey, additional: Buffer): Promise<WrappedKey>;
  /** Every master key whose wrapping can be opened. */
  ids(): Promise<readonly string[]>;
  /** Makes a master key that wraps from now on, and gives its id, none of those in `used`. Throws `MasterKeyNotOurs` where only a person can. */
  renew(used?: readonly string[]): Promise<string>;
}

/** The ring does not have the master key that wrapped something. It may be put back, hence retryable. */
export class MasterKeyMissing extends AppError {
  readonly code = 'secret.master_key_missing';
  readonly title = 'A master key is not there';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The server that holds the master keys is away, sealed, busy or refuses our token. */
export class KeyRingUnavailable extends AppError {
  readonly code = 'secret.key_ring_unavailable';
  readonly title = 'The master keys cannot be asked';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** Wrapped key, master key and place do not belong together: damaged, forged or copied from elsewhere. */
export class WrappedKeyInvalid extends AppError {
  readonly code = 'secret.wrapped_key_invalid';
  readonly title = 'A wrapped key does not open';
  readonly kind = 'internal';
}

/** The master keys come from where this program cannot write. */
export class MasterKeyNotOurs extends AppError {
  readonly code = 'secret.master_key_not_ours';
  readonly title = 'A new master key has to be put there by a person';
  readonly kind = 'invalid';
}

/** What is configured as master keys cannot be used. */
export class MasterKeysInvalid extends AppError {
  readonly code = 'config.master_keys_invalid';
  readonly title = 'The master keys cannot be used';
  readonly kind = 'internal';
}
