import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#libs/kernel';
import { bitString, booleanTrue, element, integer, objectIdentifier, octetString } from './der.js';
import { sequence, set, time, utf8String } from './der.js';

/** Files and contents of the sandbox's server identity; everything is PEM. */
export interface TlsIdentity {
  caFile: string;
  certFile: string;
  keyFile: string;
  ca: string;
  cert: string;
  key: string;
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const validYears = 10;

/**
 * The server identity kept in `dir`, made there when it is missing: a certificate for `localhost` and `127.0.0.1`
 * signed by a CA of its own. The CA's key is thrown away, so a client that trusts `ca.pem` trusts this one server only.
 */
export function ensureTlsIdentity(dir: string): TlsIdentity {
  const [caFile, certFile, keyFile] = ['ca.pem', 'server.pem', 'server-key.pem'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  if (!existsSync(keyFile)) writeIdentity(dir, { caFile, certFile, keyFile });
  const [ca, cert, key] = [caFile, certFile, keyFile].map((file) => readFileSync(file, 'utf8')) as [
    string,
    string,
    string,
  ];
  return { caFile, certFile, keyFile, ca, cert, key };
}

function writeIdentity(dir: string, files: { caFile: string; certFile: string; keyFile: string }): void {
  mkdirSync(dir, { recursive: true });
  const { ca, cert, key } = issueIdentity();
  writeFileSync(files.caFile, ca);
  writeFileSync(files.certFile, cert);
  // The key comes last and in one step: its presence says that all three belong together.
  const unfinished = `${files.keyFile}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, key, { mode: 0o600 });
  renameSync(unfinished, files.keyFile);
}

function issueIdentity(): { ca: string; cert: string; key: string } {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = `Stellwerk sandbox CA ${randomBytes(4).toString('hex')}`;
  const ca = certificate({
    subject: authorityName,
    issuer: authorityName,
    publicKey: authority.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      extension('2.5.29.19', sequence(booleanTrue()), true),
      extension('2.5.29.15', bitString(Buffer.from([0x06]), 1), true), // keyCertSign, cRLSign
      extension('2.5.29.14', octetString(keyId(authority.publicKey))),
    ],
  });
  const cert = certificate({
    subject: 'localhost',
    issuer: authorityName,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      extension('2.5.29.19', sequence(), true),
      extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), true), // digitalSignature
      extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))), // serverAuth
      extension('2.5.29.17', sequence(dnsName('localhost'), ipAddress([127, 0, 0, 1]))),
      extension('2.5.29.35', sequence(element(0x80, keyId(authority.publicKey)))),
    ],
  });
  return { ca, cert, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface CertificateContent {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signingKey: KeyObject;
  extensions: Buffer[];
}

/** An X.509 v3 certificate (RFC 5280) as PEM; written by hand so that no `openssl` is needed on the machine. */
function certificate(content: CertificateContent): string {
  // A day in the past forgives clocks that differ a little.
  const notBefore = new Date(systemClock.now().getTime() - 86_400_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    element(0xa0, integer(2)),
    integer(serial),
    ecdsaWithSha256,
    commonName(content.issuer),
    sequence(time(notBefore), time(notAfter)),
    commonName(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...content.extensions)),
  );
  const signature = sign('sha256', toBeSigned, content.signingKey);
  const base64 = sequence(toBeSigned, ecdsaWithSha256, bitString(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [booleanTrue()] : []), octetString(value));
}

const commonName = (name: string): Buffer => sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(name))));
const dnsName = (name: string): Buffer => element(0x82, Buffer.from(name));
const ipAddress = (octets: number[]): Buffer => element(0x87, Buffer.from(octets));
const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
