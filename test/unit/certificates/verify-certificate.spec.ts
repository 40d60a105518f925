import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { SigningKeys } from '#libs/platform/secrets';

const dir = mkdtempSync(join(tmpdir(), 'stellwerk-certificate-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const pem = (key: KeyObject): string =>
  key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString();
const first = generateKeyPairSync('ed25519');
const second = generateKeyPairSync('ed25519');
const keys = SigningKeys.fromPem(pem(first.privateKey));
const certificate = Buffer.from('{"format":"x","run":{"subject":"Änne Müßig"}}');

/** Runs the tool on what it is given; the exit code tells. */
function verdict(bytes: Buffer, signature: string, published: readonly object[]): number | null {
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const files = [
    write('certificate.json', bytes),
    write('signature.jws', signature),
    write('keys.json', JSON.stringify({ keys: published })),
  ];
  return spawnSync(process.execPath, ['tools/verify-certificate/main.mjs', ...files]).status;
}

describe('a certificate’s signature', () => {
  it('is a detached JWS with the payload left as it is, the same for the same bytes', () => {
    const signature = keys.sign(certificate);
    const [header, payload] = signature.split('.');
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      b64: false,
      crit: ['b64'],
      kid: keys.published[0]!.kid,
    });
    expect(payload).toBe('');
    expect(keys.sign(certificate)).toBe(signature);
  });

  it('proves the certificate, also after the key was followed by another', () => {
    const signature = keys.sign(certificate);
    expect(verdict(certificate, signature, keys.published)).toBe(0);
    const rotated = SigningKeys.fromPem(pem(second.privateKey) + pem(first.publicKey));
    expect(rotated.published).toHaveLength(2);
    expect(verdict(certificate, signature, rotated.published)).toBe(0);
    expect(verdict(certificate, rotated.sign(certificate), rotated.published)).toBe(0);
  });

  it('fails for a byte that was changed, added or taken away', () => {
    const signature = keys.sign(certificate);
    const changed = Buffer.from(certificate);
    changed[12]! ^= 1;
    for (const forged of [changed, Buffer.concat([certificate, Buffer.from('\n')]), certificate.subarray(1)])
      expect(verdict(forged, signature, keys.published)).toBe(1);
  });

  it('fails for another key, another header, or a text that is none', () => {
    const signature = keys.sign(certificate);
    const stranger = SigningKeys.fromPem(pem(second.privateKey));
    expect(verdict(certificate, signature, stranger.published)).toBe(1);
    const claimed = stranger.published.map((key) => ({ ...key, kid: keys.published[0]!.kid }));
    expect(verdict(certificate, signature, claimed)).toBe(1);
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: keys.published[0]!.kid })).toString('base64url');
    for (const text of [`${none}..${signature.split('..')[1]}`, `${none}..`, 'nonsense', ''])
      expect(verdict(certificate, text, keys.published)).toBe(1);
  });

  it('is not checked without all three files', () => {
    expect(spawnSync(process.execPath, ['tools/verify-certificate/main.mjs']).status).toBe(2);
    const missing = ['a.json', 'b.jws', 'c.json'].map((name) => join(dir, 'none', name));
    expect(spawnSync(process.execPath, ['tools/verify-certificate/main.mjs', ...missing]).status).toBe(2);
  });
});

describe('the signing keys', () => {
  it('are read as openssl writes them', () => {
    const text = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']).toString();
    expect(SigningKeys.fromPem(text).published).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', use: 'sig' }]);
  });

  it.each([
    ['nothing', ''],
    ['a public key only', pem(first.publicKey)],
    ['another kind of key', pem(generateKeyPairSync('x25519').privateKey)],
    ['a damaged key', pem(first.privateKey).replace(/[A-Za-z]/, '!')],
  ])('are refused when the file holds %s', (_what, text) => {
    expect(() => SigningKeys.fromPem(text)).toThrow(expect.objectContaining({ code: 'config.signing_keys_invalid' }));
  });
});
