import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { closeWithToken, openWithToken } from '#libs/platform/secrets';

/** Where what a session keeps of its issuer belongs: a row that is copied elsewhere does not open. */
export interface SessionPlace {
  readonly tenant: string;
  readonly id: string;
}

/** Draws a token for a cookie: 256 random bits, base64url. Only its hash is kept. */
export function newCookieToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text has the form of a cookie's token. */
export function isCookieToken(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** What is kept of a cookie's token. It has 256 random bits, so a slow hash would add nothing. */
export function hashOfCookieToken(token: string): Buffer {
  return createHash('sha256').update('stellwerk cookie: token v1').update(Buffer.from(token, 'base64url')).digest();
}

/** What a sign-in proves itself by, all of it from the one token in the browser's cookie: nothing of it is kept here. */
export function flowSecrets(token: string): {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
} {
  const of = (label: string): string => derive(token, `sign-in ${label}`);
  return { state: of('state'), nonce: of('nonce'), codeVerifier: of('code verifier') };
}

/** What a passkey signs, from the one token in the browser's cookie: 32 bytes, base64url. */
export function passkeyChallenge(token: string): string {
  return derive(token, 'passkey challenge');
}

/** Encrypts so that only the session's cookie opens it. */
export function closeForSession(token: string, place: SessionPlace, text: string): Buffer {
  return closeWithToken(derive(token, 'session content'), place, text);
}

/** Opens what `closeForSession` gave. Throws when the token or the place is another. */
export function openForSession(token: string, place: SessionPlace, closed: Buffer): string {
  return openWithToken(derive(token, 'session content'), place, closed);
}

function derive(token: string, label: string): string {
  const key = hkdfSync('sha256', Buffer.from(token, 'base64url'), Buffer.alloc(0), `stellwerk cookie: ${label} v1`, 32);
  return Buffer.from(key).toString('base64url');
}
