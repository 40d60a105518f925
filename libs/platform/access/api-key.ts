import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'swk_';

/** Draws a key for the API: 256 random bits. It is shown once; only its hash is kept. */
export function newApiKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** Whether a text looks like one of our keys: an issuer's token does not. */
export function isApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** What is kept of a key: SHA-256 of its text. A key has 256 random bits, so a slow hash would add nothing. */
export function hashOfApiKey(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}
