// @ts-check
// npm run verify-certificate -- <certificate.json> <signature.jws> <keys.jwks>
// Needs nothing but Node, so that whoever was given a certificate can check it. Exit code 0: genuine; 1: not; 2: not checked.
import { readFileSync } from 'node:fs';
import { verifyCertificate } from './verify.mjs';

const files = process.argv.slice(2);
process.exitCode = main(files);

/** @param {string[]} files */
function main(files) {
  if (files.length !== 3) {
    console.error('Use: npm run verify-certificate -- <certificate.json> <signature.jws> <keys.jwks>');
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
  const [certificate, signature, keys] = /** @type {[Buffer, Buffer, Buffer]} */ (contents);
  const result = verifyCertificate(certificate, signature.toString('utf8'), keys.toString('utf8'));
  if (!result.genuine) {
    console.error(`✘ NOT genuine: ${result.reason}`);
    return 1;
  }
  console.log(`✔ genuine: signed by the key ${result.keyId}`);
  console.log(`  ${result.summary}`);
  return 0;
}
