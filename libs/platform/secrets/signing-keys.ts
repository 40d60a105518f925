import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError, canonicalJson } from '#libs/kernel';

/** The file of signing keys does not hold what it should. */
export class SigningKeysInvalid extends AppError {
  readonly code = 'config.signing_keys_invalid';
  readonly title = 'The signing keys cannot be used';
  readonly kind = 'internal';
}

/** There are no signing keys where there have to be some. */
export class SigningKeysMissing extends AppError {
  readonly code = 'config.signing_keys_missing';
  readonly title = 'The signing keys are missing';
  readonly kind = 'internal';
}

const MAKE_ONE =
  'Make a key by `openssl genpkey -algorithm ed25519 -out signing.pem`, or put back the one of the backup.';

/** A public key as RFC 8037 writes it; `kid` is its thumbprint (RFC 7638). */
export interface PublishedKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

const PEM = /-----BEGIN (PRIVATE|PUBLIC) KEY-----[^-]+-----END \1 KEY-----/g;

/** Signs with one Ed25519 key, and publishes it with those that signed before it. */
export class SigningKeys {
  private constructor(
    private readonly key: KeyObject,
    readonly published: readonly PublishedKey[],
  ) {}

  /**
   * Reads the keys of a file, as `fromPem` takes them; null: none is set. Throws `SigningKeysMissing` when none is set or the
   * file cannot be read, and `SigningKeysInvalid`.
   */
  static fromFile(file: string | null): SigningKeys {
    if (file === null)
      throw new SigningKeysMissing(`STELLWERK_SIGNING_KEY_FILE is not set: nothing would sign the audit. ${MAKE_ONE}`);
    return SigningKeys.fromPem(readPem(file));
  }

  /**
   * Reads keys in PEM: the first, a private one, signs; whatever follows, private or public, is only published, so that
   * older signatures can still be checked. Throws `SigningKeysInvalid`.
   */
  static fromPem(text: string): SigningKeys {
    const [first, ...older] = [...text.matchAll(PEM)].map(([pem, kind]) => ({ pem, kind }));
    if (first?.kind !== 'PRIVATE')
      throw new SigningKeysInvalid('The first key must be a private one (openssl genpkey -algorithm ed25519).');
    const key = readKey(() => createPrivateKey(first.pem));
    const others = older.map(({ pem }) => readKey(() => createPublicKey(pem)));
    return new SigningKeys(key, [createPublicKey(first.pem), ...others].map(publishedKey));
  }

  /** A detached signature (RFC 7515, appendix F) over the bytes as they are (RFC 7797). The same bytes give the same one. */
  sign(payload: Buffer): string {
    const encoded = headerOf(this.published[0]!.kid);
    const signature = sign(null, Buffer.concat([Buffer.from(`${encoded}.`), payload]), this.key);
    return `${encoded}..${signature.toString('base64url')}`;
  }
}

/** Reads keys in PEM that others' signatures are checked with, private or public. Throws `SigningKeysInvalid`. */
export function publishedKeysFromPem(text: string): readonly PublishedKey[] {
  return [...text.matchAll(PEM)].map(([pem]) => publishedKey(readKey(() => createPublicKey(pem))));
}

/** Whether one of these keys made this detached signature over these bytes; `unknown_key` when it names another. */
export function checkSignature(
  keys: readonly PublishedKey[],
  payload: Buffer,
  signature: string,
): 'valid' | 'invalid' | 'unknown_key' {
  const [, header = '', encoded = ''] = /^([\w-]+)\.\.([\w-]+)$/.exec(signature) ?? [];
  const key = keys.find((one) => header === headerOf(one.kid));
  if (!key) return isForeign(header) ? 'unknown_key' : 'invalid';
  const { kty, crv, x } = key;
  const publicKey = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const signed = Buffer.concat([Buffer.from(`${header}.`), payload]);
  return verify(null, signed, publicKey, Buffer.from(encoded, 'base64url')) ? 'valid' : 'invalid';
}

function headerOf(kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'EdDSA', b64: false, crit: ['b64'], kid })).toString('base64url');
}

/** A header like ours, of a key that is not at hand. */
function isForeign(header: string): boolean {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid?: unknown };
    return typeof kid === 'string' && headerOf(kid) === header;
  } catch {
    return false;
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unreadable' } = cause as { readonly code?: string };
    const fault = `The file that STELLWERK_SIGNING_KEY_FILE names cannot be read (${code})`;
    throw new SigningKeysMissing(`${fault}; it has to be readable for this program. ${MAKE_ONE}`, { cause });
  }
}

function readKey(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    // what cannot be read may be half a private key: the cause stays out of the message
    throw new SigningKeysInvalid('A key in the file is damaged.', { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new SigningKeysInvalid('Every key must be an Ed25519 key.');
  return key;
}

function publishedKey(key: KeyObject): PublishedKey {
  const { x } = key.export({ format: 'jwk' }) as { readonly x: string };
  const bare = { crv: 'Ed25519', kty: 'OKP', x } as const;
  const kid = createHash('sha256').update(canonicalJson(bare)).digest('base64url');
  return { ...bare, kid, alg: 'EdDSA', use: 'sig' };
}
