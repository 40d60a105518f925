import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './authenticated-encryption.js';

const BYTES = 32;
const KEY_OF_CONTENT = 'stellwerk one-time link: content v1';
const HASH_FOR_LOOK_UP = 'stellwerk one-time link: token v1';

/** Where a link's content belongs; a row that is copied elsewhere does not open. */
export interface LinkPlace {
  readonly tenant: string;
  /** The link's id. */
  readonly id: string;
}

/** Draws a link's token: 256 random bits, base64url. Whoever has it can open the link; only its hash is kept. */
export function newLinkToken(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** Whether a text has the form of a token. */
export function isLinkToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** What is kept of a token. It has 256 random bits, so a slow hash would add nothing. */
export function hashOfLinkToken(token: string): Buffer {
  return createHash('sha256').update(HASH_FOR_LOOK_UP).update(Buffer.from(token, 'base64url')).digest();
}

/** Encrypts with a key that only the token gives (HKDF-SHA-256, AES-256-GCM). */
export function closeWithToken(token: string, place: LinkPlace, secret: string): Buffer {
  return encrypt(keyOf(token), Buffer.from(secret), additionalOf(place));
}

/** Opens what `closeWithToken` gave. Throws when the token or the place is another. */
export function openWithToken(token: string, place: LinkPlace, ciphertext: Buffer): string {
  return decrypt(keyOf(token), ciphertext, additionalOf(place)).toString();
}

function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(token, 'base64url'), Buffer.alloc(0), KEY_OF_CONTENT, 32));
}

function additionalOf({ tenant, id }: LinkPlace): Buffer {
  return Buffer.from(JSON.stringify([tenant, id]));
}
