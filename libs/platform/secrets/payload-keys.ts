import { randomBytes } from 'node:crypto';
import { AppError, systemClock } from '#libs/kernel';
import type { Database } from '../database/index.js';
import { additionalOf } from './keys/envelope.js';
import type { KeyRing } from './keys/index.js';
import { keepPayloadKey, readPayloadKey, type KeptPayloadKey } from './payload-keys.store.js';

/** A key that encrypts payloads of one tenant. */
export interface PayloadKey {
  readonly tenant: string;
  readonly version: number;
  readonly bytes: Buffer;
}

/** Whose payloads those of the engine's own workflows are; no tenant has this name. */
export const ENGINE_TENANT = 'stellwerk';

/** There is no such key: the tenant was erased, or the payload is another installation's. */
export class PayloadKeyMissing extends AppError {
  readonly code = 'payload.key_missing';
  readonly title = 'The key of a payload is not there';
  readonly kind = 'not_found';
}

/** The key of a payload cannot be had now, because the database or the master keys cannot be asked. */
export class PayloadKeyUnavailable extends AppError {
  readonly code = 'payload.key_unavailable';
  readonly title = 'The key of a payload cannot be had at the moment';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

export interface PayloadKeysOptions {
  /** After so long a key in memory is read again, beside its use. */
  readonly freshMs?: number;
  /** So long a key in memory is used while it cannot be read again. */
  readonly longestMs?: number;
  /** Milliseconds that only go forward. */
  readonly clock?: () => number;
}

interface Held {
  readonly key: PayloadKey;
  readonly readAt: number;
}

const FRESH_MS = 5 * 60_000;
const LONGEST_MS = 60 * 60_000;
/** Between two tries to read a key anew that could not be read. */
const PAUSE_MS = 5_000;
const MOST_HELD = 10_000;
const NEWEST = 'newest';

/**
 * Keys of payloads, by tenant. They are held in memory for a limited time: a key that is not fresh any more is used on while
 * it is read again, so that neither database nor Vault is waited for by what is under way.
 */
export class PayloadKeys {
  private readonly held = new Map<string, Held>();
  private readonly reading = new Map<string, Promise<PayloadKey>>();
  private readonly nextTry = new Map<string, number>();
  private readonly freshMs: number;
  private readonly longestMs: number;
  private readonly clock: () => number;

  constructor(
    private readonly database: Database,
    private readonly ring: KeyRing,
    options: PayloadKeysOptions = {},
  ) {
    this.freshMs = options.freshMs ?? FRESH_MS;
    this.longestMs = options.longestMs ?? LONGEST_MS;
    this.clock = options.clock ?? (() => systemClock.now().getTime());
  }

  /** The key to encrypt with; the first call for a tenant makes it. Throws `PayloadKeyUnavailable`. */
  current(tenant: string): Promise<PayloadKey> | PayloadKey {
    return this.hold(`${tenant}/${NEWEST}`, () => this.readNewest(tenant));
  }

  /** The key to decrypt with. Throws `PayloadKeyMissing` or `PayloadKeyUnavailable`. */
  find(tenant: string, version: number): Promise<PayloadKey> | PayloadKey {
    return this.hold(`${tenant}/${version}`, () => this.readVersion(tenant, version));
  }

  private hold(place: string, read: () => Promise<PayloadKey>): Promise<PayloadKey> | PayloadKey {
    const held = this.held.get(place);
    const age = held ? this.clock() - held.readAt : Infinity;
    if (!held || age > this.longestMs) return this.read(place, read);
    if (age > this.freshMs && this.clock() >= (this.nextTry.get(place) ?? 0))
      this.read(place, read).catch((error: unknown) => this.putOff(place, error));
    return held.key;
  }

  /** Those who ask at the same time share one reading. */
  private read(place: string, read: () => Promise<PayloadKey>): Promise<PayloadKey> {
    const known = this.reading.get(place);
    if (known) return known;
    const reading = read()
      .then((key) => this.remember(place, key))
      .finally(() => this.reading.delete(place));
    this.reading.set(place, reading);
    return reading;
  }

  private remember(place: string, key: PayloadKey): PayloadKey {
    if (this.held.size >= MOST_HELD) this.held.delete(this.held.keys().next().value!);
    this.held.delete(place);
    this.held.set(place, { key, readAt: this.clock() });
    this.nextTry.delete(place);
    return key;
  }

  private putOff(place: string, error: unknown): void {
    // erased: nothing of it is opened any more
    if (error instanceof PayloadKeyMissing) this.held.delete(place);
    else this.nextTry.set(place, this.clock() + PAUSE_MS);
  }

  private async readNewest(tenant: string): Promise<PayloadKey> {
    const kept = await this.asked(() => readPayloadKey(this.database, tenant));
    if (kept?.isYoung) return this.open(tenant, kept);
    try {
      return await this.make(tenant, (kept?.version ?? 0) + 1);
    } catch (error) {
      if (!kept) throw error;
      return this.open(tenant, kept);
    }
  }

  private async make(tenant: string, version: number): Promise<PayloadKey> {
    const wrapped = await this.asked(() => this.ring.wrap(randomBytes(32), placeOfPayloadKey(tenant, version)));
    return this.open(tenant, await this.asked(() => keepPayloadKey(this.database, tenant, version, wrapped)));
  }

  private async readVersion(tenant: string, version: number): Promise<PayloadKey> {
    const kept = await this.asked(() => readPayloadKey(this.database, tenant, version));
    if (!kept)
      throw new PayloadKeyMissing(`${tenant} has no payload key ${version}: erased, or of another installation.`);
    return this.open(tenant, kept);
  }

  private async open(tenant: string, kept: KeptPayloadKey): Promise<PayloadKey> {
    const { version } = kept;
    const bytes = await this.asked(() => this.ring.unwrap(kept, placeOfPayloadKey(tenant, version)));
    const key = { tenant, version, bytes };
    this.remember(`${tenant}/${version}`, key);
    return key;
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof AppError && !cause.retryable && cause.kind !== 'unavailable') throw cause;
      throw new PayloadKeyUnavailable('The key of a payload cannot be had now; it is asked for again.', { cause });
    }
  }
}

/** What ties a payload key to its place. */
export function placeOfPayloadKey(tenant: string, version: number): Buffer {
  return additionalOf(['payload key', tenant, version]);
}
