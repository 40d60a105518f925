import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { LinkPurpose } from './link-purposes.js';

const ID = 16;
const TIME = 4;
const RANDOM = 16;
const SIGNED = ID + TIME + RANDOM;
const SIGNATURE = 64;
const FORM = /^([a-z][a-z0-9-]{1,39})\.([A-Za-z0-9_-]{134})$/;
const CONTEXT = 'stellwerk mailed link v1';
const HASH_FOR_LOOK_UP = 'stellwerk mailed link: token v1';
/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410). */
const DER_BEFORE_KEY = Buffer.from('302a300506032b6570032100', 'hex');

/** What a token says of itself; nothing of it is true before its signature was checked. */
export interface ClaimedToken {
  readonly tenant: string;
  /** The link's id. */
  readonly id: string;
  readonly expiresAt: Date;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** A pair to sign links with: `secret` is for sealing, `publicKey` (32 bytes) for everybody. */
export interface LinkKeyPair {
  readonly secret: string;
  readonly publicKey: Buffer;
}

export function newLinkKey(): LinkKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return { secret, publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(DER_BEFORE_KEY.length) };
}

/**
 * Draws a link's token: the link's id and end, 128 random bits, and an Ed25519 signature over these, tenant and purpose.
 * Whoever has it can use the link; only its hash is kept.
 */
export function newMailedToken(
  secret: string,
  { tenant, purpose, id, expiresAt }: { tenant: string; purpose: LinkPurpose; id: string; expiresAt: Date },
): string {
  const end = Buffer.alloc(TIME);
  end.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000));
  const signed = Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), end, randomBytes(RANDOM)]);
  const key = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' });
  const signature = sign(null, boundTo(tenant, purpose, signed), key);
  return `${tenant}.${Buffer.concat([signed, signature]).toString('base64url')}`;
}

/** Takes a token apart; null when it does not have the form of one. */
export function readMailedToken(text: string): ClaimedToken | null {
  const [, tenant, body] = FORM.exec(text) ?? [];
  if (tenant === undefined || body === undefined) return null;
  const bytes = Buffer.from(body, 'base64url');
  // the last character has bits to spare: only the one that we would have written counts
  if (bytes.length !== SIGNED + SIGNATURE || bytes.toString('base64url') !== body) return null;
  const signed = bytes.subarray(0, SIGNED);
  const hex = signed.subarray(0, ID).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const expiresAt = new Date(signed.readUInt32BE(ID) * 1000);
  return { tenant, id, expiresAt, signed, signature: bytes.subarray(SIGNED) };
}

/** Whether one of a tenant's keys signed this token, for this purpose and that tenant. */
export function isSignedFor(token: ClaimedToken, purpose: LinkPurpose, publicKeys: readonly Buffer[]): boolean {
  const text = boundTo(token.tenant, purpose, token.signed);
  return publicKeys.some((key) => verify(null, text, publicKeyOf(key), token.signature));
}

/** What is kept of a token. It has 128 random bits and a signature, so a slow hash would add nothing. */
export function hashOfMailedToken(text: string): Buffer {
  return createHash('sha256').update(HASH_FOR_LOOK_UP).update(text).digest();
}

function boundTo(tenant: string, purpose: LinkPurpose, signed: Buffer): Buffer {
  return Buffer.concat([Buffer.from(JSON.stringify([CONTEXT, tenant, purpose])), signed]);
}

function publicKeyOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([DER_BEFORE_KEY, bytes]), format: 'der', type: 'spki' });
}
