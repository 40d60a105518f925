// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file that only its owner reads, in one move: a reader sees the old content or the new one.
 * @param {string} path
 * @param {string} text
 */
export function writePrivate(path, text) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${process.pid}.tmp`;
  writeFileSync(aside, text, { mode: 0o600 });
  renameSync(aside, path);
}

/** @param {string} path @param {unknown} value */
export function writeJson(path, value) {
  writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * @param {string} path
 * @returns {any} undefined when the file is missing or not JSON
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A secret that is made on first use and kept; it survives restarts with the data it protects.
 * @param {string} file
 * @param {string} name
 * @returns {string}
 */
export function keptSecret(file, name) {
  const secrets = readJson(file) ?? {};
  if (typeof secrets[name] !== 'string') {
    // Hexadecimal: it stands in URLs and configuration files without quoting.
    secrets[name] = randomBytes(24).toString('hex');
    writeJson(file, secrets);
  }
  return secrets[name];
}
