// @ts-check
import { createHash, createPublicKey, verify } from 'node:crypto';

/** What is kept of a certificate when its customer is erased. */
const PROOF = 'stellwerk.run-proof.v1';

/** @typedef {{ genuine: true, keyId: string, summary: string } | { genuine: false, reason: string }} Verdict */

/**
 * Checks a certificate against its detached signature (RFC 7515, appendix F; RFC 7797) and the published keys (RFC 7517).
 * @param {Buffer} certificate its bytes, exactly as they came
 * @param {string} signature `<header>..<signature>`
 * @param {string} keys a JWK set
 * @returns {Verdict}
 */
export function verifyCertificate(certificate, signature, keys) {
  const parts = /^([\w-]+)\.\.([\w-]+)$/.exec(signature.trim());
  if (!parts) return not('the signature is not a detached JWS');
  const [, encodedHeader = '', encodedSignature = ''] = parts;
  const header = parsed(Buffer.from(encodedHeader, 'base64url').toString('utf8'));
  // each of them decides what is signed and how, so nothing else is taken
  const isOurs = header?.alg === 'EdDSA' && header.b64 === false && JSON.stringify(header.crit) === '["b64"]';
  if (!isOurs) return not('the signature’s header is not one of Stellwerk’s');
  const set = parsed(keys);
  if (!Array.isArray(set?.keys)) return not('the keys are not a JWK set');
  const key = set.keys.find((/** @type {Record<string, unknown>} */ one) => one.kid === header.kid);
  if (!key) return not(`the key ${String(header.kid)} is not among the published ones`);
  if (key.kty !== 'OKP' || key.crv !== 'Ed25519') return not('the key is not an Ed25519 key');
  const signed = Buffer.concat([Buffer.from(`${encodedHeader}.`), certificate]);
  if (!isSignedBy(key, signed, Buffer.from(encodedSignature, 'base64url')))
    return not('the certificate is not what was signed');
  return { genuine: true, keyId: String(header.kid), summary: summaryOf(certificate) };
}

/** @param {string} reason @returns {Verdict} */
function not(reason) {
  return { genuine: false, reason };
}

/** @param {string} text @returns {any} undefined when it is not a JSON object */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param {{ x?: unknown }} key @param {Buffer} signed @param {Buffer} signature */
function isSignedBy(key, signed, signature) {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: String(key.x) }, format: 'jwk' });
    return verify(null, signed, publicKey, signature);
  } catch {
    return false;
  }
}

/** @param {Buffer} certificate */
function summaryOf(certificate) {
  const { format, run, certificate: whole } = parsed(certificate.toString('utf8')) ?? {};
  if (!run) return '';
  const about = format === PROOF ? 'somebody who was erased' : run.subject;
  const kept = format === PROOF ? `; kept of the certificate sha256:${whole?.sha256}` : '';
  return `${run.process} of ${about} at ${run.tenant}: ${run.outcome}, ended ${run.endedAt}${kept}`;
}

/**
 * Whether a proof, which was checked before, is left of this very certificate.
 * @param {Buffer} proof
 * @param {Buffer} certificate
 * @returns {boolean}
 */
export function isLeftOf(proof, certificate) {
  const { format, certificate: whole } = parsed(proof.toString('utf8')) ?? {};
  return format === PROOF && whole?.sha256 === createHash('sha256').update(certificate).digest('hex');
}
