// @ts-check
// npm run verify-certificate -- <certificate.json> <signature.jws> <keys.jwks> [<whole certificate.json>]
// With a fourth file the first is what is kept of a certificate whose customer was erased; the fourth, that certificate.
// Needs nothing but Node, so that whoever was given a certificate can check it. Exit code 0: genuine; 1: not; 2: not checked.
import { readFileSync } from 'node:fs';
import { isLeftOf, verifyCertificate } from './verify.mjs';

const files = process.argv.slice(2);
process.exitCode = main(files);

/** @param {string[]} files */
function main(files) {
  if (files.length !== 3 && files.length !== 4) {
    console.error(
      'Use: npm run verify-certificate -- <certificate.json> <signature.jws> <keys.jwks> [<whole certificate.json>]',
    );
    return 2;
  }
  /** @type {Buffer[]} */
  let contents;
  try {
    contents = files.map((file) => readFileSync(file));
  } catch (error) {
    console.error(`✘ not checked: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const [certificate, signature, keys, whole] = /** @type {[Buffer, Buffer, Buffer, Buffer?]} */ (contents);
  const result = verifyCertificate(certificate, signature.toString('utf8'), keys.toString('utf8'));
  if (!result.genuine) {
    console.error(`✘ NOT genuine: ${result.reason}`);
    return 1;
  }
  if (whole && !isLeftOf(certificate, whole)) {
    console.error('✘ NOT genuine: the proof is not left of this certificate');
    return 1;
  }
  console.log(`✔ genuine: signed by the key ${result.keyId}`);
  console.log(`  ${result.summary}`);
  return 0;
}
