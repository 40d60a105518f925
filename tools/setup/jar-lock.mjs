// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The lock's text for a directory of jars: one line `<sha256>  <name>` per jar, sorted by name (the form `sha256sum -c` reads).
 * @param {string} dir
 */
export function describeJars(dir) {
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.jar'))
    .sort();
  return names.map((name) => `${sha256(join(dir, name))}  ${name}\n`).join('');
}

/**
 * What differs between the lock and a directory's jars; empty when nothing does.
 * @param {string} locked
 * @param {string} present
 * @returns {string[]} one sentence per jar
 */
export function compareJars(locked, present) {
  const wanted = parse(locked);
  const found = parse(present);
  const differences = [];
  for (const [name, hash] of wanted) {
    if (!found.has(name)) differences.push(`${name} is missing`);
    else if (found.get(name) !== hash) differences.push(`${name} has another checksum`);
  }
  for (const name of found.keys()) if (!wanted.has(name)) differences.push(`${name} is not in the lock`);
  return differences;
}

/** @param {string} text @returns {Map<string, string>} */
function parse(text) {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [hash = '', name = ''] = line.split(/\s+/);
        return [name, hash];
      }),
  );
}

/** @param {string} path */
function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
